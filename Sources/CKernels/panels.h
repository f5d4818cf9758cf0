// The products of include/Panels.h, for one element type: the including file defines STEP (elements that one
// multiply-add takes per lane: 1 or 2), PRODUCT(sum, a, b), ELEMENT and narrow_row, and sets the target of every function
// by a pragma. A step is 4 bytes in either type, so addresses are counted in steps.
#include <immintrin.h>
#include <string.h>

#include "Panels.h"

#define WIDTH LIMNER_PANEL_WIDTH
/// Bytes of a panel that are read for all rows before the next part is: half of a core's second-level cache.
#define RESIDENT (448 * 1024)

typedef const int32_t *steps_t;

static inline size_t steps_of(size_t inputs) { return (inputs + STEP - 1) / STEP; }

static size_t panel_values(size_t inputs, size_t taps) { return steps_of(inputs) * STEP * taps * WIDTH; }

/// One tile of ROWS rows × VECTORS·16 outputs over the taps and steps given; sums begin and end in `sums` [ROWS, 64].
#define TILE(ROWS, VECTORS)                                                                                            \
    static inline void tile_##ROWS##_##VECTORS(const steps_t *rows, size_t row_stride, size_t taps, size_t first,      \
                                               size_t count, size_t depth, const float *panel, float *sums, int add) { \
        __m512 sum[ROWS][VECTORS];                                                                                     \
        _Pragma("clang loop unroll(full)") for (int r = 0; r < ROWS; r++)                                              \
            _Pragma("clang loop unroll(full)") for (int v = 0; v < VECTORS; v++)                                       \
                sum[r][v] = add ? _mm512_loadu_ps(sums + r * WIDTH + 16 * v) : _mm512_setzero_ps();                    \
        for (size_t tap = 0; tap < taps; tap++) {                                                                      \
            steps_t at[ROWS];                                                                                          \
            _Pragma("clang loop unroll(full)") for (int r = 0; r < ROWS; r++) at[r] = rows[tap * row_stride + r] + first; \
            const float *b = panel + (tap * depth + first) * WIDTH;                                                    \
            for (size_t k = 0; k < count; k++, b += WIDTH) {                                                           \
                __m512 w[VECTORS];                                                                                     \
                _Pragma("clang loop unroll(full)") for (int v = 0; v < VECTORS; v++) w[v] = _mm512_loadu_ps(b + 16 * v); \
                _Pragma("clang loop unroll(full)") for (int r = 0; r < ROWS; r++) {                                    \
                    __m512i a = _mm512_set1_epi32(at[r][k]);                                                           \
                    _Pragma("clang loop unroll(full)") for (int v = 0; v < VECTORS; v++)                               \
                        sum[r][v] = PRODUCT(sum[r][v], a, w[v]);                                                       \
                }                                                                                                      \
            }                                                                                                          \
        }                                                                                                              \
        _Pragma("clang loop unroll(full)") for (int r = 0; r < ROWS; r++)                                              \
            _Pragma("clang loop unroll(full)") for (int v = 0; v < VECTORS; v++)                                       \
                _mm512_storeu_ps(sums + r * WIDTH + 16 * v, sum[r][v]);                                                \
    }

// 24 sums of the 32 registers, or as many as cover the latency of a product.
TILE(6, 4)
TILE(8, 3)
TILE(12, 2)
TILE(12, 1)

static inline size_t tile_rows(size_t vectors) { return vectors == 4 ? 6 : vectors == 3 ? 8 : 12; }

static inline void tile(size_t vectors, const steps_t *rows, size_t row_stride, size_t taps, size_t first, size_t count, size_t depth, const float *panel, float *sums, int add) {
    switch (vectors) {
    case 4: return tile_6_4(rows, row_stride, taps, first, count, depth, panel, sums, add);
    case 3: return tile_8_3(rows, row_stride, taps, first, count, depth, panel, sums, add);
    case 2: return tile_12_2(rows, row_stride, taps, first, count, depth, panel, sums, add);
    default: return tile_12_1(rows, row_stride, taps, first, count, depth, panel, sums, add);
    }
}

/// eˣ to 2 ulp, as in kernels.h.
static inline __m512 exponential(__m512 x) {
    x = _mm512_max_ps(_mm512_min_ps(x, _mm512_set1_ps(88.0f)), _mm512_set1_ps(-87.0f));
    __m512 n = _mm512_roundscale_ps(_mm512_mul_ps(x, _mm512_set1_ps(1.44269504f)), 8);
    __m512 r = _mm512_fnmadd_ps(n, _mm512_set1_ps(0.693359375f), x);
    r = _mm512_fmadd_ps(n, _mm512_set1_ps(2.12194440e-4f), r);
    __m512 p = _mm512_set1_ps(1.0f / 5040.0f);
    p = _mm512_fmadd_ps(p, r, _mm512_set1_ps(1.0f / 720.0f));
    p = _mm512_fmadd_ps(p, r, _mm512_set1_ps(1.0f / 120.0f));
    p = _mm512_fmadd_ps(p, r, _mm512_set1_ps(1.0f / 24.0f));
    p = _mm512_fmadd_ps(p, r, _mm512_set1_ps(1.0f / 6.0f));
    p = _mm512_fmadd_ps(p, r, _mm512_set1_ps(0.5f));
    p = _mm512_fmadd_ps(p, r, _mm512_set1_ps(1.0f));
    p = _mm512_fmadd_ps(p, r, _mm512_set1_ps(1.0f));
    return _mm512_scalef_ps(p, n);
}

/// x·Φ(x), as in kernels.h.
static inline __m512 gelu(__m512 x) {
    __m512 one = _mm512_set1_ps(1.0f), z = _mm512_mul_ps(_mm512_abs_ps(x), _mm512_set1_ps(0.70710678f));
    __m512 t = _mm512_div_ps(one, _mm512_fmadd_ps(z, _mm512_set1_ps(0.3275911f), one));
    __m512 p = _mm512_set1_ps(1.061405429f);
    p = _mm512_fmadd_ps(p, t, _mm512_set1_ps(-1.453152027f));
    p = _mm512_fmadd_ps(p, t, _mm512_set1_ps(1.421413741f));
    p = _mm512_fmadd_ps(p, t, _mm512_set1_ps(-0.284496736f));
    p = _mm512_fmadd_ps(p, t, _mm512_set1_ps(0.254829592f));
    p = _mm512_mul_ps(_mm512_mul_ps(p, t), _mm512_set1_ps(0.5f));
    p = _mm512_mul_ps(p, exponential(_mm512_fnmadd_ps(z, z, _mm512_setzero_ps())));
    __mmask16 negative = _mm512_cmp_ps_mask(x, _mm512_setzero_ps(), _CMP_LT_OQ);
    return _mm512_mul_ps(x, _mm512_mask_blend_ps(negative, _mm512_sub_ps(one, p), p));
}

static inline void store(__m512 x, size_t row, size_t column, __mmask16 mask, const limner_panel_end *end) {
    size_t place = row * end->target_stride + column;
    if (end->target_is_bf16) _mm256_mask_storeu_epi16((uint16_t *)end->target + place, mask, to_bf16(x));
    else _mm512_mask_storeu_ps((float *)end->target + place, mask, x);
}

/// Writes a · gelu(b) of the sums of `count` rows.
static inline void finish_gates(const float *sums, size_t row, size_t count, const limner_panel_end *end) {
    for (size_t r = 0; r < count; r++)
        for (size_t c = 0; c < WIDTH / 2; c += 16) {
            __m512 a = _mm512_loadu_ps(sums + r * WIDTH + c), b = _mm512_loadu_ps(sums + r * WIDTH + WIDTH / 2 + c);
            if (end->bias) {
                a = _mm512_add_ps(a, _mm512_loadu_ps(end->bias + c));
                b = _mm512_add_ps(b, _mm512_loadu_ps(end->bias + WIDTH / 2 + c));
            }
            store(_mm512_mul_ps(a, gelu(b)), row + r, c, 0xFFFF, end);
        }
}

/// Writes the sums of `count` rows, from row `row` of the target, with bias and residual.
static inline void finish(const float *sums, size_t row, size_t count, size_t columns, const limner_panel_end *end) {
    if (end->gates) return finish_gates(sums, row, count, end);
    for (size_t r = 0; r < count; r++) {
        const float *residual = end->residual ? end->residual + (row + r) * end->residual_stride : NULL;
        for (size_t c = 0; c < columns; c += 16) {
            __mmask16 mask = columns - c >= 16 ? 0xFFFF : (__mmask16)((1u << (columns - c)) - 1);
            __m512 x = _mm512_loadu_ps(sums + r * WIDTH + c);
            if (end->bias) x = _mm512_add_ps(x, _mm512_maskz_loadu_ps(mask, end->bias + c));
            if (residual) x = _mm512_add_ps(x, _mm512_maskz_loadu_ps(mask, residual + c));
            store(x, row + r, c, mask, end);
        }
    }
}

/// One part of the panel for all rows. Rows past the last repeat it, and their sums are dropped.
static void multiply_part(const steps_t *rows, size_t count, size_t row_stride, size_t taps, size_t first, size_t steps, size_t depth, const float *panel, size_t columns, float *scratch, int add, int last, const limner_panel_end *end) {
    size_t vectors = (columns + 15) / 16, height = tile_rows(vectors);
    float spare[12 * WIDTH];
    for (size_t row = 0; row < count; row += height) {
        size_t present = count - row < height ? count - row : height;
        if (present == height) {
            float *sums = scratch + row * WIDTH;
            tile(vectors, rows + row, row_stride, taps, first, steps, depth, panel, sums, add);
            if (last) finish(sums, row, height, columns, end);
            continue;
        }
        steps_t clamped[9 * 12];
        float *sums = spare;
        if (add) memcpy(spare, scratch + row * WIDTH, present * WIDTH * sizeof(float));
        for (size_t tap = 0; tap < taps; tap += 9) {
            size_t some = taps - tap < 9 ? taps - tap : 9;
            for (size_t t = 0; t < some; t++)
                for (size_t r = 0; r < height; r++)
                    clamped[t * height + r] = rows[(tap + t) * row_stride + row + (r < present ? r : present - 1)];
            tile(vectors, clamped, height, some, first, steps, depth, panel + tap * depth * WIDTH, sums, add || tap > 0);
        }
        if (last) finish(sums, row, present, columns, end);
        else memcpy(scratch + row * WIDTH, spare, present * WIDTH * sizeof(float));
    }
}

static void multiply(const void *const *rows, size_t count, size_t taps, size_t inputs, const void *panel, size_t columns, float *scratch, int accumulate, int keep, const limner_panel_end *end) {
    size_t depth = steps_of(inputs), most = RESIDENT / (WIDTH * sizeof(float));
    size_t pieces = (depth + most - 1) / most, piece = (depth + pieces - 1) / pieces;
    size_t group = pieces > 1 ? 1 : most / depth < taps ? most / depth : taps;
    int add = accumulate;
    for (size_t tap = 0; tap < taps; tap += group) {
        size_t some = taps - tap < group ? taps - tap : group;
        for (size_t first = 0; first < depth; first += piece) {
            size_t steps = depth - first < piece ? depth - first : piece;
            int last = tap + some == taps && first + steps == depth;
            multiply_part((const steps_t *)rows + tap * count, count, count, some, first, steps, depth,
                          (const float *)panel + tap * depth * WIDTH, columns, scratch, add, last && !keep, end);
            add = 1;
        }
    }
}

/// The tap of the packed weights that is tap `t` of their transpose.
static inline size_t reversed(size_t t, size_t taps) {
    if (taps != LIMNER_WINOGRAD_TAPS) return taps - 1 - t;
    size_t row = t / 4, column = t % 4;
    return (row % 3 ? row : 3 - row) * 4 + (column % 3 ? column : 3 - column);
}

/// Bᵀ·d·B of one channel vector in each of the 16 pixels, in place.
static inline void transform_input(__m512 d[4][4]) {
    _Pragma("clang loop unroll(full)") for (int c = 0; c < 4; c++) {
        __m512 first = _mm512_sub_ps(d[0][c], d[2][c]), second = _mm512_add_ps(d[1][c], d[2][c]);
        __m512 third = _mm512_sub_ps(d[2][c], d[1][c]), fourth = _mm512_sub_ps(d[1][c], d[3][c]);
        d[0][c] = first, d[1][c] = second, d[2][c] = third, d[3][c] = fourth;
    }
    _Pragma("clang loop unroll(full)") for (int r = 0; r < 4; r++) {
        __m512 first = _mm512_sub_ps(d[r][0], d[r][2]), second = _mm512_add_ps(d[r][1], d[r][2]);
        __m512 third = _mm512_sub_ps(d[r][2], d[r][1]), fourth = _mm512_sub_ps(d[r][1], d[r][3]);
        d[r][0] = first, d[r][1] = second, d[r][2] = third, d[r][3] = fourth;
    }
}

static void winograd_input(const void *const *windows, size_t count, size_t inputs, void *target) {
    for (size_t tile = 0; tile < count; tile++)
        for (size_t c = 0; c < inputs; c += 16) {
            __mmask16 mask = inputs - c >= 16 ? 0xFFFF : (__mmask16)((1u << (inputs - c)) - 1);
            __m512 d[4][4];
            _Pragma("clang loop unroll(full)") for (int p = 0; p < 16; p++)
                d[p / 4][p % 4] = load_row((const ELEMENT *)windows[p * count + tile] + c, mask);
            transform_input(d);
            _Pragma("clang loop unroll(full)") for (int p = 0; p < 16; p++)
                store_row((ELEMENT *)target + (p * count + tile) * inputs + c, mask, d[p / 4][p % 4]);
        }
}

/// Aᵀ·m·A: the four results of one tile's sums.
static inline void transform_output(const float *sums, size_t stride, __m512 y[4]) {
    __m512 top[4], bottom[4];
    _Pragma("clang loop unroll(full)") for (int c = 0; c < 4; c++) {
        __m512 a = _mm512_loadu_ps(sums + c * stride), b = _mm512_loadu_ps(sums + (4 + c) * stride);
        __m512 e = _mm512_loadu_ps(sums + (8 + c) * stride), f = _mm512_loadu_ps(sums + (12 + c) * stride);
        top[c] = _mm512_add_ps(_mm512_add_ps(a, b), e);
        bottom[c] = _mm512_sub_ps(_mm512_sub_ps(b, e), f);
    }
    y[0] = _mm512_add_ps(_mm512_add_ps(top[0], top[1]), top[2]);
    y[1] = _mm512_sub_ps(_mm512_sub_ps(top[1], top[2]), top[3]);
    y[2] = _mm512_add_ps(_mm512_add_ps(bottom[0], bottom[1]), bottom[2]);
    y[3] = _mm512_sub_ps(_mm512_sub_ps(bottom[1], bottom[2]), bottom[3]);
}

static void winograd_output(const float *sums, size_t count, const int32_t *pixels, size_t columns, const limner_panel_end *end) {
    for (size_t tile = 0; tile < count; tile++)
        for (size_t c = 0; c < columns; c += 16) {
            __mmask16 mask = columns - c >= 16 ? 0xFFFF : (__mmask16)((1u << (columns - c)) - 1);
            __m512 y[4];
            transform_output(sums + tile * WIDTH + c, count * WIDTH, y);
            __m512 bias = end->bias ? _mm512_maskz_loadu_ps(mask, end->bias + c) : _mm512_setzero_ps();
            for (int r = 0; r < 4; r++) {
                if (pixels[4 * tile + r] < 0) continue;
                size_t row = (size_t)pixels[4 * tile + r];
                __m512 x = _mm512_add_ps(y[r], bias);
                if (end->residual)
                    x = _mm512_add_ps(x, _mm512_maskz_loadu_ps(mask, end->residual + row * end->residual_stride + c));
                store(x, row, c, mask, end);
            }
        }
}

static void pack(const float *weight, size_t output_stride, size_t tap_stride, size_t outputs, size_t inputs, size_t taps, size_t panel, void *packed) {
    size_t depth = steps_of(inputs), first = panel * WIDTH;
    ELEMENT *target = packed;
    float row[STEP * 4096];
    for (size_t c = 0; c < WIDTH; c++)
        for (size_t tap = 0; tap < taps; tap++)
            for (size_t start = 0; start < depth * STEP; start += STEP * 4096) {
                size_t some = depth * STEP - start < STEP * 4096 ? depth * STEP - start : STEP * 4096;
                memset(row, 0, some * sizeof(float));
                if (first + c < outputs) {
                    size_t present = inputs - start < some ? inputs - start : some;
                    memcpy(row, weight + (first + c) * output_stride + tap * tap_stride + start, present * sizeof(float));
                }
                ELEMENT *place = target + ((tap * depth + start / STEP) * WIDTH + c) * STEP;
                for (size_t i = 0; i < some; i += STEP, place += WIDTH * STEP) pack_step(row + i, place);
            }
}

static void narrow(const float *x, void *y, size_t rows, size_t width, size_t stride) {
    ELEMENT *out = y;
    for (size_t r = 0; r < rows; r++, x += width, out += stride) {
        narrow_row(x, out, width);
        for (size_t c = width; c < stride; c++) out[c] = 0;
    }
}
