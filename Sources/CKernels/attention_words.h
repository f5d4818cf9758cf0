// What attention_forward.h and attention_adjoint.h share. All operands are packed as 32-bit words: one F32 value or a
// pair of BF16 values (PAIR). Products are of two forms of operand only, so that one kernel does them all:
//   lanes [depth][LANES]: one word of each of LANES tokens, a vector load;
//   rows  [depth][N]: N words, each broadcast.
// The including file defines LIMNER_BF16 as 0 or 1 and sets the target of every function by a pragma.
#include <float.h>
#include <immintrin.h>
#include <math.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "Attention.h"

#define INLINE static inline __attribute__((always_inline))

typedef float word;

enum { VECTOR = 16, VECTORS = 2, LANES = VECTOR * VECTORS };

static inline size_t ceiling(size_t count, size_t unit) { return (count + unit - 1) / unit; }
static inline size_t smaller(size_t a, size_t b) { return a < b ? a : b; }

// ---- what differs between the element types

#if LIMNER_BF16
typedef uint16_t element;
enum { PAIR = 2 };

INLINE __m512 dot(__m512 sum, __m512 a, __m512 b) { return _mm512_dpbf16_ps(sum, (__m512bh)a, (__m512bh)b); }

// The words w, w + 1, … of a row of `width` elements; zeros beyond.
INLINE __m512i row_words(const element *row, size_t width, size_t w) {
    size_t left = width - w * PAIR;
    return _mm512_maskz_loadu_epi16(left >= 32 ? ~0u : (1u << left) - 1, row + w * PAIR);
}

// Words of channel c, c + 1, … of two consecutive rows (the second may be NULL: zeros).
INLINE __m512i paired_words(const element *row, const element *next, __mmask16 mask) {
    __m512i a = _mm512_cvtepu16_epi32(_mm256_maskz_loadu_epi16(mask, row));
    if (!next) return a;
    __m512i b = _mm512_cvtepu16_epi32(_mm256_maskz_loadu_epi16(mask, next));
    return _mm512_or_si512(a, _mm512_slli_epi32(b, 16));
}

// Lane i of `a` and of `b`, rounded to nearest even, side by side.
INLINE __m512 paired(__m512 a, __m512 b) {
    const __m512i order = _mm512_set_epi16(
        31, 15, 30, 14, 29, 13, 28, 12, 27, 11, 26, 10, 25, 9, 24, 8, 23, 7, 22, 6, 21, 5, 20, 4, 19, 3, 18, 2, 17, 1, 16, 0);
    return (__m512)_mm512_permutexvar_epi16(order, (__m512i)_mm512_cvtne2ps_pbh(b, a));
}
#else
typedef float element;
enum { PAIR = 1 };

INLINE __m512 dot(__m512 sum, __m512 a, __m512 b) { return _mm512_fmadd_ps(a, b, sum); }

INLINE __m512i row_words(const element *row, size_t width, size_t w) {
    size_t left = width - w;
    return _mm512_maskz_loadu_epi32(left >= 16 ? 0xffff : (1u << left) - 1, row + w);
}

INLINE __m512i paired_words(const element *row, const element *next, __mmask16 mask) {
    (void)next;
    return _mm512_maskz_loadu_epi32(mask, row);
}
#endif

// 2ᵗ for t ≤ 0 or little above, 2^floor(t)·p(t − floor(t)): to 3e-6 of its value for BF16 and 1.2e-7 for F32.
INLINE __m512 power_of_two(__m512 t) {
    __m512 r = _mm512_reduce_ps(t, _MM_FROUND_TO_NEG_INF | _MM_FROUND_NO_EXC);
#if LIMNER_BF16
    __m512 p = _mm512_set1_ps(0.013534167781472206f);
    p = _mm512_fmadd_ps(p, r, _mm512_set1_ps(0.05201146379113197f));
    p = _mm512_fmadd_ps(p, r, _mm512_set1_ps(0.2414427548646927f));
    p = _mm512_fmadd_ps(p, r, _mm512_set1_ps(0.6930038332939148f));
    p = _mm512_fmadd_ps(p, r, _mm512_set1_ps(1.0000026226043701f));
#else
    __m512 p = _mm512_set1_ps(0.0018775766948238015f);
    p = _mm512_fmadd_ps(p, r, _mm512_set1_ps(0.008989340625703335f));
    p = _mm512_fmadd_ps(p, r, _mm512_set1_ps(0.05582631751894951f));
    p = _mm512_fmadd_ps(p, r, _mm512_set1_ps(0.24015361070632935f));
    p = _mm512_fmadd_ps(p, r, _mm512_set1_ps(0.6931530833244324f));
    p = _mm512_fmadd_ps(p, r, _mm512_set1_ps(0.9999999403953552f));
#endif
    return _mm512_scalef_ps(p, t);
}

// ---- the product

// sums[j][lane] = factor[lane]·sums[j][lane] + Σ_w rows[w][j]∘lanes[w][lane] for n rows; without factors, from zero.
// The largest results go into `largest` when it is given.
INLINE void product(const word *lanes, const word *rows, size_t depth, const int n, float *sums, const __m512 *factor, __m512 *largest) {
    __m512 sum[16][VECTORS];
#pragma clang loop unroll(full)
    for (int j = 0; j < n; j++)
#pragma clang loop unroll(full)
        for (int z = 0; z < VECTORS; z++)
            sum[j][z] = factor ? _mm512_mul_ps(factor[z], _mm512_load_ps(sums + j * LANES + z * VECTOR)) : _mm512_setzero_ps();
    for (size_t w = 0; w < depth; w++, lanes += LANES, rows += n) {
        __m512 lane[VECTORS];
#pragma clang loop unroll(full)
        for (int z = 0; z < VECTORS; z++) lane[z] = _mm512_load_ps(lanes + z * VECTOR);
#pragma clang loop unroll(full)
        for (int j = 0; j < n; j++) {
            __m512 row = _mm512_set1_ps(rows[j]);
#pragma clang loop unroll(full)
            for (int z = 0; z < VECTORS; z++) sum[j][z] = dot(sum[j][z], lane[z], row);
        }
    }
#pragma clang loop unroll(full)
    for (int j = 0; j < n; j++)
#pragma clang loop unroll(full)
        for (int z = 0; z < VECTORS; z++) {
            _mm512_store_ps(sums + j * LANES + z * VECTOR, sum[j][z]);
            if (largest) largest[z] = _mm512_max_ps(largest[z], sum[j][z]);
        }
}

// Channels of one product, so that few are padding: widths 40, 80 and 160 take 10.
static size_t channel_group(size_t width) { return ceiling(width, 10) * 10 <= ceiling(width, 8) * 8 ? 10 : 8; }

static size_t padded_width(const limner_attention_shape *s) {
    size_t group = channel_group(s->width);
    return ceiling(s->width, group) * group;
}

// sums[c][lane] = factor·sums + Σ over `depth` words of lanes, for all channels; rows [group][pitch][N] from word `start`.
static void accumulate(const word *lanes, const word *rows, size_t pitch, size_t start, size_t depth, size_t padded, size_t group, float *sums, const __m512 *factor) {
    for (size_t c = 0; c < padded; c += group, rows += pitch * group, sums += group * LANES) {
        if (group == 10)
            product(lanes, rows + start * 10, depth, 10, sums, factor, NULL);
        else
            product(lanes, rows + start * 8, depth, 8, sums, factor, NULL);
    }
}

// ---- packing

INLINE void transpose(__m512i v[16]) {
    __m512i t[16];
    for (int i = 0; i < 16; i += 2) {
        t[i] = _mm512_unpacklo_epi32(v[i], v[i + 1]);
        t[i + 1] = _mm512_unpackhi_epi32(v[i], v[i + 1]);
    }
    for (int i = 0; i < 16; i += 4)
        for (int h = 0; h < 2; h++) {
            v[i + 2 * h] = _mm512_unpacklo_epi64(t[i + h], t[i + h + 2]);
            v[i + 2 * h + 1] = _mm512_unpackhi_epi64(t[i + h], t[i + h + 2]);
        }
    // v[4g + c] holds, in 128-bit part p, column 4p + c of rows 4g...4g + 3.
    for (int c = 0; c < 4; c++) {
        t[c] = _mm512_shuffle_i32x4(v[c], v[4 + c], 0x88);
        t[4 + c] = _mm512_shuffle_i32x4(v[8 + c], v[12 + c], 0x88);
        t[8 + c] = _mm512_shuffle_i32x4(v[c], v[4 + c], 0xdd);
        t[12 + c] = _mm512_shuffle_i32x4(v[8 + c], v[12 + c], 0xdd);
    }
    for (int c = 0; c < 4; c++) {
        v[c] = _mm512_shuffle_i32x4(t[c], t[4 + c], 0x88);
        v[8 + c] = _mm512_shuffle_i32x4(t[c], t[4 + c], 0xdd);
        v[4 + c] = _mm512_shuffle_i32x4(t[8 + c], t[12 + c], 0x88);
        v[12 + c] = _mm512_shuffle_i32x4(t[8 + c], t[12 + c], 0xdd);
    }
}

// Words of up to n ≤ 16 rows, transposed: out[w·pitch + row] for all words of the width; rows beyond `rows` are zero.
static void pack_transposed(const element *x, size_t stride, size_t rows, size_t width, size_t n, size_t pitch, word *out) {
    size_t depth = ceiling(width, PAIR);
    __mmask16 mask = (1u << n) - 1;
    for (size_t w = 0; w < depth; w += 16) {
        __m512i v[16];
        for (size_t i = 0; i < 16; i++) v[i] = i < rows ? row_words(x + i * stride, width, w) : _mm512_setzero_si512();
        transpose(v);
        for (size_t i = 0; i < 16 && w + i < depth; i++) _mm512_mask_storeu_epi32(out + (w + i) * pitch, mask, v[i]);
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
        __mmask16 mask = (1u << smaller(n, width - c)) - 1, all = (1u << n) - 1;
        for (size_t r = 0; r < rows; r += PAIR) {
            const element *row = x + r * stride + c;
            __m512i words = paired_words(row, r + 1 < rows ? row + stride : NULL, mask);
            _mm512_mask_storeu_epi32(out + r / PAIR * n, all, words);
        }
    }
}

// Rows of F32 from sums [channel][LANES], each lane times its factor.
static void store_rows(const float *sums, const __m512 *factor, size_t rows, size_t width, float *out, size_t stride) {
    for (size_t first = 0; first < rows; first += VECTOR)
        for (size_t c = 0; c < width; c += 16) {
            __m512i v[16];
            for (size_t i = 0; i < 16; i++)
                v[i] = c + i < width ? (__m512i)_mm512_mul_ps(_mm512_load_ps(sums + (c + i) * LANES + first), factor[first / VECTOR])
                                     : _mm512_setzero_si512();
            transpose(v);
            __mmask16 mask = width - c >= 16 ? 0xffff : (1u << (width - c)) - 1;
            for (size_t i = 0; i < 16 && first + i < rows; i++)
                _mm512_mask_storeu_epi32(out + (first + i) * stride + c, mask, v[i]);
        }
}

// Rows of elements from sums [channel][LANES], each lane times its factor.
#if LIMNER_BF16
static void store_elements(const float *sums, const __m512 *factor, size_t rows, size_t width, element *out, size_t stride) {
    for (size_t first = 0; first < rows; first += VECTOR)
        for (size_t c = 0; c < width; c += 32) {
            __m512i v[16];
            for (size_t i = 0; i < 16; i++) {
                const float *a = sums + (c + 2 * i) * LANES + first;
                __m512 scale = factor[first / VECTOR], zero = _mm512_setzero_ps();
                __m512 even = c + 2 * i < width ? _mm512_mul_ps(_mm512_load_ps(a), scale) : zero;
                __m512 odd = c + 2 * i + 1 < width ? _mm512_mul_ps(_mm512_load_ps(a + LANES), scale) : zero;
                v[i] = (__m512i)paired(even, odd);
            }
            transpose(v);
            __mmask32 mask = width - c >= 32 ? ~0u : (1u << (width - c)) - 1;
            for (size_t i = 0; i < 16 && first + i < rows; i++)
                _mm512_mask_storeu_epi16(out + (first + i) * stride + c, mask, v[i]);
        }
}
#else
#define store_elements store_rows
#endif
