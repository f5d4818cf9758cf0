// What attention_forward.h and attention_adjoint.h share. All operands are packed as 32-bit words: one F32 value or a
// pair of BF16 values (PAIR). Products are of two forms of operand only, so that one kernel does them all:
//   lanes [depth][LANES]: one word of each of LANES tokens, a vector load;
//   rows  [depth][N]: N words, each broadcast.
// The including file defines LIMNER_BF16 and LIMNER_AVX512 as 0 or 1 and sets the target of every function by a pragma.
#include <float.h>
#include <math.h>

#include "Attention.h"
#include "lanes.h"

#define INLINE LANES_INLINE

typedef float word;

// A product has so many sums that they, what is multiplied and what is broadcast fit the registers: 32 of 16 lanes, or 16
// of 8.
#if LIMNER_AVX512
enum { VECTOR = 16, VECTORS = 2, LANES = VECTOR * VECTORS, MANY_CHANNELS = 10, SOME_CHANNELS = 8 };
#else
enum { VECTOR = 16, VECTORS = 1, LANES = VECTOR * VECTORS, MANY_CHANNELS = 6, SOME_CHANNELS = 5 };
#endif

static inline size_t ceiling(size_t count, size_t unit) { return (count + unit - 1) / unit; }
static inline size_t smaller(size_t a, size_t b) { return a < b ? a : b; }

// ---- what differs between the element types

#if LIMNER_BF16
typedef uint16_t element;
enum { PAIR = 2 };

INLINE lanes dot(lanes sum, lanes a, lanes b) { return _mm512_dpbf16_ps(sum, (__m512bh)a, (__m512bh)b); }

// The words w, w + 1, … of a row of `width` elements; zeros beyond.
INLINE lanes row_words(const element *row, size_t width, size_t w) {
    size_t left = width - w * PAIR;
    return (lanes)_mm512_maskz_loadu_epi16(left >= 32 ? ~0u : (1u << left) - 1, row + w * PAIR);
}

// Words of channel c, c + 1, … of two consecutive rows (the second may be NULL: zeros).
INLINE lanes paired_words(const element *row, const element *next, lane_mask mask) {
    __m512i a = _mm512_cvtepu16_epi32(_mm256_maskz_loadu_epi16(mask, row));
    if (!next) return (lanes)a;
    __m512i b = _mm512_cvtepu16_epi32(_mm256_maskz_loadu_epi16(mask, next));
    return (lanes)_mm512_or_si512(a, _mm512_slli_epi32(b, 16));
}

// Lane i of `a` and of `b`, rounded to nearest even, side by side.
INLINE lanes paired(lanes a, lanes b) {
    const __m512i order = _mm512_set_epi16(
        31, 15, 30, 14, 29, 13, 28, 12, 27, 11, 26, 10, 25, 9, 24, 8, 23, 7, 22, 6, 21, 5, 20, 4, 19, 3, 18, 2, 17, 1, 16, 0);
    return (lanes)_mm512_permutexvar_epi16(order, (__m512i)_mm512_cvtne2ps_pbh(b, a));
}
#else
typedef float element;
enum { PAIR = 1 };

INLINE lanes dot(lanes sum, lanes a, lanes b) { return lanes_fma(a, b, sum); }

INLINE lanes row_words(const element *row, size_t width, size_t w) { return lanes_load_first(row + w, first_lanes(width - w)); }

INLINE lanes paired_words(const element *row, const element *next, lane_mask mask) {
    (void)next;
    return lanes_load_first(row, mask);
}
#endif

// 2ᵗ for t ≤ 0 or little above, 2^floor(t)·p(t − floor(t)): to 3e-6 of its value for BF16 and 1.2e-7 for F32.
INLINE lanes power_of_two(lanes t) {
    lanes r = lanes_fraction(t);
#if LIMNER_BF16
    lanes p = lanes_all(0.013534167781472206f);
    p = lanes_fma(p, r, lanes_all(0.05201146379113197f));
    p = lanes_fma(p, r, lanes_all(0.2414427548646927f));
    p = lanes_fma(p, r, lanes_all(0.6930038332939148f));
    p = lanes_fma(p, r, lanes_all(1.0000026226043701f));
#else
    lanes p = lanes_all(0.0018775766948238015f);
    p = lanes_fma(p, r, lanes_all(0.008989340625703335f));
    p = lanes_fma(p, r, lanes_all(0.05582631751894951f));
    p = lanes_fma(p, r, lanes_all(0.24015361070632935f));
    p = lanes_fma(p, r, lanes_all(0.6931530833244324f));
    p = lanes_fma(p, r, lanes_all(0.9999999403953552f));
#endif
    return lanes_times_floor_power(p, t);
}

// ---- the product

// sums[j][lane] = start + Σ_w rows[w][j]∘left[w][lane] for n rows, where start is zero, sums[j][lane] with `add`, or that
// times factor[lane]. The largest results go into `largest` when it is given.
INLINE void product(const word *left, const word *rows, size_t depth, const int n, float *sums, const int add, const lanes *factor, lanes *largest) {
    lanes sum[16][VECTORS];
#pragma clang loop unroll(full)
    for (int j = 0; j < n; j++)
#pragma clang loop unroll(full)
        for (int z = 0; z < VECTORS; z++)
            sum[j][z] = !add ? lanes_zero() : factor ? factor[z] * lanes_load(sums + j * LANES + z * VECTOR) : lanes_load(sums + j * LANES + z * VECTOR);
    for (size_t w = 0; w < depth; w++, left += LANES, rows += n) {
        lanes lane[VECTORS];
#pragma clang loop unroll(full)
        for (int z = 0; z < VECTORS; z++) lane[z] = lanes_load(left + z * VECTOR);
#pragma clang loop unroll(full)
        for (int j = 0; j < n; j++) {
            lanes row = lanes_all(rows[j]);
#pragma clang loop unroll(full)
            for (int z = 0; z < VECTORS; z++) sum[j][z] = dot(sum[j][z], lane[z], row);
        }
    }
#pragma clang loop unroll(full)
    for (int j = 0; j < n; j++)
#pragma clang loop unroll(full)
        for (int z = 0; z < VECTORS; z++) {
            lanes_store(sums + j * LANES + z * VECTOR, sum[j][z]);
            if (largest) largest[z] = lanes_max(largest[z], sum[j][z]);
        }
}

// Channels of one product, so that few are padding: widths 40, 80 and 160 take 10, or 5.
static size_t channel_group(size_t width) {
    size_t many = ceiling(width, MANY_CHANNELS) * MANY_CHANNELS, some = ceiling(width, SOME_CHANNELS) * SOME_CHANNELS;
    return many <= some ? MANY_CHANNELS : SOME_CHANNELS;
}

static size_t padded_width(const limner_attention_shape *s) {
    size_t group = channel_group(s->width);
    return ceiling(s->width, group) * group;
}

// sums[c][lane] += Σ over `depth` words of lanes, for all channels; rows [group][pitch][N] from word `start`. What is there
// is multiplied by `factor` first, when it is given.
INLINE void accumulate_with(const word *left, const word *rows, size_t pitch, size_t start, size_t depth, size_t padded, size_t group, float *sums, const lanes *factor) {
    for (size_t c = 0; c < padded; c += group, rows += pitch * group, sums += group * LANES) {
        if (group == MANY_CHANNELS)
            product(left, rows + start * MANY_CHANNELS, depth, MANY_CHANNELS, sums, 1, factor, NULL);
        else
            product(left, rows + start * SOME_CHANNELS, depth, SOME_CHANNELS, sums, 1, factor, NULL);
    }
}

static void accumulate(const word *left, const word *rows, size_t pitch, size_t start, size_t depth, size_t padded, size_t group, float *sums) {
    accumulate_with(left, rows, pitch, start, depth, padded, group, sums, NULL);
}

// ---- packing

// Words of up to n ≤ 16 rows, transposed: out[w·pitch + row] for all words of the width; rows beyond `rows` are zero.
static void pack_transposed(const element *x, size_t stride, size_t rows, size_t width, size_t n, size_t pitch, word *out) {
    size_t depth = ceiling(width, PAIR);
    lane_mask mask = first_lanes(n);
    for (size_t w = 0; w < depth; w += 16) {
        lanes v[16];
        for (size_t i = 0; i < 16; i++) v[i] = i < rows ? row_words(x + i * stride, width, w) : lanes_zero();
        lanes_transpose(v);
        for (size_t i = 0; i < 16 && w + i < depth; i++) lanes_store_first(out + (w + i) * pitch, mask, v[i]);
    }
}

// The lanes operand of `rows` ≤ LANES tokens: [depth][LANES].
static void pack_lanes(const element *x, size_t stride, size_t rows, size_t width, word *out) {
    for (size_t z = 0; z < VECTORS; z++) {
        size_t first = smaller(z * VECTOR, rows);
        pack_transposed(x + first * stride, stride, rows - first, width, VECTOR, LANES, out + z * VECTOR);
    }
}

// The rows operand of products over channels: [token / n][depth][n].
static void pack_tokens(const element *x, size_t stride, size_t rows, size_t width, size_t n, word *out) {
    for (size_t r = 0; r < rows; r += n, out += ceiling(width, PAIR) * n)
        pack_transposed(x + r * stride, stride, smaller(n, rows - r), width, n, n, out);
}

// The rows operand of products over tokens: [channel / n][pitch][n], words of consecutive tokens' pairs.
static void pack_channels(const element *x, size_t stride, size_t rows, size_t width, size_t n, size_t pitch, word *out) {
    for (size_t c = 0; c < width; c += n, out += pitch * n) {
        lane_mask mask = first_lanes(smaller(n, width - c)), all = first_lanes(n);
        for (size_t r = 0; r < rows; r += PAIR) {
            const element *row = x + r * stride + c;
            lanes words = paired_words(row, r + 1 < rows ? row + stride : NULL, mask);
            lanes_store_first(out + r / PAIR * n, all, words);
        }
    }
}

// Rows of F32 from sums [channel][LANES], each lane times its factor.
static void store_rows(const float *sums, const lanes *factor, size_t rows, size_t width, float *out, size_t stride) {
    for (size_t first = 0; first < rows; first += VECTOR)
        for (size_t c = 0; c < width; c += 16) {
            lanes v[16];
            for (size_t i = 0; i < 16; i++)
                v[i] = c + i < width ? (lanes_load(sums + (c + i) * LANES + first) * factor[first / VECTOR])
                                     : lanes_zero();
            lanes_transpose(v);
            lane_mask mask = first_lanes(width - c);
            for (size_t i = 0; i < 16 && first + i < rows; i++)
                lanes_store_first(out + (first + i) * stride + c, mask, v[i]);
        }
}

// Rows of elements from sums [channel][LANES], each lane times its factor.
#if LIMNER_BF16
static void store_elements(const float *sums, const lanes *factor, size_t rows, size_t width, element *out, size_t stride) {
    for (size_t first = 0; first < rows; first += VECTOR)
        for (size_t c = 0; c < width; c += 32) {
            lanes v[16];
            for (size_t i = 0; i < 16; i++) {
                const float *a = sums + (c + 2 * i) * LANES + first;
                lanes scale = factor[first / VECTOR], zero = lanes_zero();
                lanes even = c + 2 * i < width ? (lanes_load(a) * scale) : zero;
                lanes odd = c + 2 * i + 1 < width ? (lanes_load(a + LANES) * scale) : zero;
                v[i] = paired(even, odd);
            }
            lanes_transpose(v);
            __mmask32 mask = width - c >= 32 ? ~0u : (1u << (width - c)) - 1;
            for (size_t i = 0; i < 16 && first + i < rows; i++)
                _mm512_mask_storeu_epi16(out + (first + i) * stride + c, mask, (__m512i)v[i]);
        }
}
#else
#define store_elements store_rows
#endif
