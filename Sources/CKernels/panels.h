// The products of include/Panels.h, for one element type and instruction set. The including file defines
//   LIMNER_AVX512, 0 or 1, for lanes.h
//   ELEMENT, and STEP, the elements that one multiply-add takes per lane: 1 or 2
//   product(sum, step, weights), pack_step, narrow_row, load_row and store_row
// and sets the target of every function by a pragma. A step is 4 bytes in either type, so addresses are counted in steps.
#include "Panels.h"

#define WIDTH LIMNER_PANEL_WIDTH

typedef const int32_t *steps_t;

static inline size_t steps_of(size_t inputs) { return (inputs + STEP - 1) / STEP; }

static size_t panel_values(size_t inputs, size_t taps) { return steps_of(inputs) * STEP * taps * WIDTH; }

#if LIMNER_AVX512
// All 64 outputs of a step lie together.
#define STEP_STRIDE WIDTH
static inline size_t place(size_t depth, size_t step, size_t output) { return step * WIDTH + output; }
#else
// 16 outputs of a step lie together, and all steps of them: so they fill every set of a cache.
#define STEP_STRIDE 16
static inline size_t place(size_t depth, size_t step, size_t output) {
    return (output / 16 * depth + step) * 16 + output % 16;
}
#endif

/// Memory that is wanted soon: the lines left of one run, and the runs of as many lines after it, `stride` bytes apart.
typedef struct {
    const char *at;
    size_t lines, runs, lines_of_run, stride;
} outlook;

/// Steps between which a tile asks for as many lines of its outlook.
#define LOOK 16

static inline void look_ahead(outlook *o) {
    for (size_t count = LOOK; count > 0 && o->lines > 0; count--) {
        __builtin_prefetch(o->at, 0, 2);
        o->at += 64;
        if (--o->lines > 0 || o->runs == 0) continue;
        o->at += o->stride - 64 * o->lines_of_run, o->lines = o->lines_of_run, o->runs--;
    }
}

/// The left side's rows, rows[t · stride + r], read from the step `from` on, and the panel that they meet.
typedef struct {
    const steps_t *rows;
    size_t stride, taps, from, depth;
    const float *panel;
} operands;

/// One tile of ROWS rows × VECTORS·16 outputs over `count` of the panel's steps; sums begin and end in `sums` [ROWS, 64].
#define TILE(ROWS, VECTORS)                                                                                            \
    static inline void tile_##ROWS##_##VECTORS(const operands *x, size_t first, size_t count, float *sums, int add, outlook *soon) { \
        lanes sum[ROWS][VECTORS];                                                                                      \
        _Pragma("clang loop unroll(full)") for (int r = 0; r < ROWS; r++)                                              \
            _Pragma("clang loop unroll(full)") for (int v = 0; v < VECTORS; v++)                                       \
                sum[r][v] = add ? lanes_load(sums + r * WIDTH + 16 * v) : lanes_zero();                                \
        for (size_t tap = 0; tap < x->taps; tap++) {                                                                   \
            steps_t at[ROWS];                                                                                          \
            _Pragma("clang loop unroll(full)") for (int r = 0; r < ROWS; r++)                                          \
                at[r] = x->rows[tap * x->stride + r] + x->from + first;                                                \
            const float *b = x->panel + tap * x->depth * WIDTH + first * STEP_STRIDE;                                  \
            for (size_t begin = 0, end; begin < count; begin = end) {                                                  \
                end = count - begin < LOOK ? count : begin + LOOK;                                                     \
                if (soon->lines > 0) look_ahead(soon);                                                                 \
                for (size_t k = begin; k < end; k++, b += STEP_STRIDE) {                                               \
                    lanes w[VECTORS];                                                                                  \
                    _Pragma("clang loop unroll(full)") for (int v = 0; v < VECTORS; v++) w[v] = lanes_load(b + 16 * v); \
                    _Pragma("clang loop unroll(full)") for (int r = 0; r < ROWS; r++)                                  \
                        _Pragma("clang loop unroll(full)") for (int v = 0; v < VECTORS; v++)                           \
                            sum[r][v] = product(sum[r][v], at[r][k], w[v]);                                            \
                }                                                                                                      \
            }                                                                                                          \
        }                                                                                                              \
        _Pragma("clang loop unroll(full)") for (int r = 0; r < ROWS; r++)                                              \
            _Pragma("clang loop unroll(full)") for (int v = 0; v < VECTORS; v++)                                       \
                lanes_store(sums + r * WIDTH + 16 * v, sum[r][v]);                                                     \
    }

#if LIMNER_AVX512
/// Bytes of a panel that are read for all rows before the next part is: half of a core's second-level cache.
#define RESIDENT (448 * 1024)
/// Vectors of 16 outputs that are summed together at most.
#define TILE_VECTORS 4

// 24 sums of the 32 registers, or as many as cover the latency of a product.
TILE(6, 4)
TILE(8, 3)
TILE(12, 2)
TILE(12, 1)

static inline size_t tile_rows(size_t vectors) { return vectors == 4 ? 6 : vectors == 3 ? 8 : 12; }

static inline void tile(size_t vectors, const operands *x, size_t first, size_t count, float *sums, int add, outlook *soon) {
    switch (vectors) {
    case 4: return tile_6_4(x, first, count, sums, add, soon);
    case 3: return tile_8_3(x, first, count, sums, add, soon);
    case 2: return tile_12_2(x, first, count, sums, add, soon);
    default: return tile_12_1(x, first, count, sums, add, soon);
    }
}

#else

/// So much of a panel that a quarter of it, which is summed together, fills a core's first-level cache.
#define RESIDENT (128 * 1024)
#define TILE_VECTORS 1

// 12 sums of AVX2's 16 registers, 24 of NEON's 32.
TILE(6, 1)

static inline size_t tile_rows(size_t vectors) { return 6; }

static inline void tile(size_t vectors, const operands *x, size_t first, size_t count, float *sums, int add, outlook *soon) {
    tile_6_1(x, first, count, sums, add, soon);
}

#endif

/// eˣ to 2 ulp, as in kernels.h.
static inline lanes exponential(lanes x) {
    x = lanes_max(lanes_min(x, lanes_all(88.0f)), lanes_all(-87.0f));
    lanes n = lanes_round(x * lanes_all(1.44269504f));
    lanes r = lanes_fnma(n, lanes_all(0.693359375f), x);
    r = lanes_fma(n, lanes_all(2.12194440e-4f), r);
    lanes p = lanes_all(1.0f / 5040.0f);
    p = lanes_fma(p, r, lanes_all(1.0f / 720.0f));
    p = lanes_fma(p, r, lanes_all(1.0f / 120.0f));
    p = lanes_fma(p, r, lanes_all(1.0f / 24.0f));
    p = lanes_fma(p, r, lanes_all(1.0f / 6.0f));
    p = lanes_fma(p, r, lanes_all(0.5f));
    p = lanes_fma(p, r, lanes_all(1.0f));
    p = lanes_fma(p, r, lanes_all(1.0f));
    return lanes_times_power(p, n);
}

/// x·Φ(x), as in kernels.h.
static inline lanes gelu(lanes x) {
    lanes one = lanes_all(1.0f), z = lanes_abs(x) * lanes_all(0.70710678f);
    lanes t = one / lanes_fma(z, lanes_all(0.3275911f), one);
    lanes p = lanes_all(1.061405429f);
    p = lanes_fma(p, t, lanes_all(-1.453152027f));
    p = lanes_fma(p, t, lanes_all(1.421413741f));
    p = lanes_fma(p, t, lanes_all(-0.284496736f));
    p = lanes_fma(p, t, lanes_all(0.254829592f));
    p = p * t * lanes_all(0.5f);
    p = p * exponential(lanes_fnma(z, z, lanes_zero()));
    return x * lanes_where_negative(x, p, one - p);
}

static inline void store(lanes x, size_t row, size_t column, lane_mask mask, const limner_panel_end *end) {
    size_t place = row * end->target_stride + column;
    if (end->target_is_bf16) lanes_store_bf16_first((uint16_t *)end->target + place, mask, x);
    else lanes_store_first((float *)end->target + place, mask, x);
}

/// Writes a · gelu(b) of the sums of `count` rows.
static inline void finish_gates(const float *sums, size_t row, size_t count, const limner_panel_end *end) {
    for (size_t r = 0; r < count; r++)
        for (size_t c = 0; c < WIDTH / 2; c += 16) {
            lanes a = lanes_load(sums + r * WIDTH + c), b = lanes_load(sums + r * WIDTH + WIDTH / 2 + c);
            if (end->bias) {
                a = a + lanes_load(end->bias + c);
                b = b + lanes_load(end->bias + WIDTH / 2 + c);
            }
            store(a * gelu(b), row + r, c, first_lanes(16), end);
        }
}

/// Writes the sums of row `row` of the target, with bias and residual.
LANES_INLINE void finish_row(const float *sums, size_t row, size_t columns, const limner_panel_end *end) {
    const float *residual = end->residual ? end->residual + row * end->residual_stride : NULL;
    for (size_t c = 0; c < columns; c += 16) {
        lane_mask mask = first_lanes(columns - c);
        lanes x = lanes_load(sums + c);
        if (end->bias) x = x + lanes_load_first(end->bias + c, mask);
        if (residual) x = x + lanes_load_first(residual + c, mask);
        store(x, row, c, mask, end);
    }
}

/// Writes the sums of `count` rows, from row `row` of the target; a whole panel's without masks.
static inline void finish(const float *sums, size_t row, size_t count, size_t columns, const limner_panel_end *end) {
    if (end->gates) return finish_gates(sums, row, count, end);
    for (size_t r = 0; r < count; r++, sums += WIDTH)
        if (columns == WIDTH) finish_row(sums, row + r, WIDTH, end);
        else finish_row(sums, row + r, columns, end);
}

/// One part of the panel for all rows: the sums of `vectors` vectors from number `vector` on; with an `end`, all `columns`
/// outputs are written. Rows past the last repeat it, and their sums are dropped.
static void multiply_part(operands x, size_t count, size_t first, size_t steps, size_t vector, size_t vectors, size_t columns, float *scratch, int add, const limner_panel_end *end, outlook *soon) {
    size_t height = tile_rows(vectors), column = 16 * vector;
    float spare[12 * WIDTH];
    x.panel += place(x.depth, 0, column);
    for (size_t row = 0; row < count; row += height, x.rows += height) {
        size_t present = count - row < height ? count - row : height;
        float *sums = scratch + row * WIDTH;
        if (present == height) {
            tile(vectors, &x, first, steps, sums + column, add, soon);
            if (end) finish(sums, row, height, columns, end);
            continue;
        }
        steps_t clamped[9 * 12];
        if (add || vector > 0) memcpy(spare, sums, present * WIDTH * sizeof(float));
        for (size_t tap = 0; tap < x.taps; tap += 9) {
            operands y = x;
            y.taps = x.taps - tap < 9 ? x.taps - tap : 9;
            y.panel += tap * x.depth * WIDTH;
            y.rows = clamped, y.stride = height;
            for (size_t t = 0; t < y.taps; t++)
                for (size_t r = 0; r < height; r++)
                    clamped[t * height + r] = x.rows[(tap + t) * x.stride + (r < present ? r : present - 1)];
            tile(vectors, &y, first, steps, spare + column, add || tap > 0, soon);
        }
        if (end) finish(spare, row, present, columns, end);
        else memcpy(sums, spare, present * WIDTH * sizeof(float));
    }
}

/// All of the panel for `count` rows; without an `end` the sums stay in `scratch`.
static void multiply_rows(operands x, size_t count, size_t columns, float *scratch, int add, const limner_panel_end *end, outlook *soon) {
    size_t taps = x.taps, most = RESIDENT / (WIDTH * sizeof(float)), vectors = (columns + 15) / 16;
    size_t pieces = (x.depth + most - 1) / most, piece = (x.depth + pieces - 1) / pieces;
    size_t group = pieces > 1 ? 1 : most / x.depth < taps ? most / x.depth : taps;
    for (size_t tap = 0; tap < taps; tap += group) {
        x.taps = taps - tap < group ? taps - tap : group;
        for (size_t first = 0; first < x.depth; first += piece) {
            size_t steps = x.depth - first < piece ? x.depth - first : piece;
            int last = tap + x.taps == taps && first + steps == x.depth;
            for (size_t vector = 0; vector < vectors; vector += TILE_VECTORS) {
                size_t left = vectors - vector;
                multiply_part(x, count, first, steps, vector, left < TILE_VECTORS ? left : TILE_VECTORS, columns, scratch, add,
                              last && left <= TILE_VECTORS ? end : NULL, soon);
            }
            add = 1;
        }
        x.rows += group * x.stride, x.panel += group * x.depth * WIDTH;
    }
}

static void multiply(const void *const *rows, size_t count, size_t taps, size_t inputs, const void *panel, size_t columns, float *scratch, int keep, const limner_panel_end *end) {
    operands x = {(const steps_t *)rows, count, taps, 0, steps_of(inputs), panel};
    outlook nothing = {0};
    multiply_rows(x, count, columns, scratch, 0, keep ? NULL : end, &nothing);
}

/// The tap of the packed weights that is tap `t` of their transpose.
static inline size_t reversed(size_t t, size_t taps) {
    if (taps != LIMNER_WINOGRAD_TAPS) return taps - 1 - t;
    size_t row = t / 4, column = t % 4;
    return (row % 3 ? row : 3 - row) * 4 + (column % 3 ? column : 3 - column);
}

static void transpose(const void *panels, size_t outputs, size_t inputs, size_t taps, size_t panel, size_t tap, void *packed);

/// Bytes of turned weights at a time: few enough that most layers have several pieces, and one is fetched while another is used.
#define TURNED (96 * 1024)
#define TURNED_OUTPUTS (TURNED / (WIDTH * sizeof(ELEMENT)))

/// The weights behind `outputs` outputs of one tap of panel `panel` of the transpose, from panel `first` of `panels` on.
static inline outlook outlook_on(const ELEMENT *panels, size_t first, size_t outputs, size_t inputs, size_t taps, size_t panel, size_t tap) {
#if LIMNER_AVX512
    size_t depth = steps_of(inputs), begin = panel * (WIDTH / STEP);
    size_t steps = depth - begin < WIDTH / STEP ? depth - begin : WIDTH / STEP;
    const ELEMENT *at = panels + ((first * taps + reversed(tap, taps)) * depth + begin) * WIDTH * STEP;
    size_t lines = steps * WIDTH * STEP * sizeof(ELEMENT) / 64;
    return (outlook){(const char *)at, lines, (outputs - 1) / WIDTH, lines, taps * depth * WIDTH * STEP * sizeof(ELEMENT)};
#else
    return (outlook){0};  // steps lie in four places there
#endif
}

static void multiply_transposed(const void *const *rows, size_t count, size_t taps, const void *panels, size_t outputs, size_t inputs, size_t panel, void *turned, float *scratch, const limner_panel_end *end) {
    size_t columns = inputs - panel * WIDTH < WIDTH ? inputs - panel * WIDTH : WIDTH;
    size_t pieces = (outputs + TURNED_OUTPUTS - 1) / TURNED_OUTPUTS;
    for (size_t i = 0; i < taps * pieces; i++) {
        size_t tap = i / pieces, first = i % pieces * TURNED_OUTPUTS, next = (i + 1) % pieces * TURNED_OUTPUTS;
        size_t some = outputs - first < TURNED_OUTPUTS ? outputs - first : TURNED_OUTPUTS;
        size_t after = outputs - next < TURNED_OUTPUTS ? outputs - next : TURNED_OUTPUTS;
        int is_last = i + 1 == taps * pieces;
        const ELEMENT *layer = panels, *from = layer + first / WIDTH * panel_values(inputs, taps);
        transpose(from, some, inputs, taps, panel, tap, turned);
        outlook soon = {0};
        if (!is_last) soon = outlook_on(layer, next / WIDTH, after, inputs, taps, panel, (i + 1) / pieces);
        operands x = {(const steps_t *)rows + tap * count, count, 1, first / STEP, steps_of(some), turned};
        multiply_rows(x, count, columns, scratch, i > 0, is_last ? end : NULL, &soon);
    }
}

/// Bᵀ·d·B of one channel vector in each of the 16 pixels, in place.
static inline void transform_input(lanes d[4][4]) {
    _Pragma("clang loop unroll(full)") for (int c = 0; c < 4; c++) {
        lanes first = d[0][c] - d[2][c], second = d[1][c] + d[2][c];
        lanes third = d[2][c] - d[1][c], fourth = d[1][c] - d[3][c];
        d[0][c] = first, d[1][c] = second, d[2][c] = third, d[3][c] = fourth;
    }
    _Pragma("clang loop unroll(full)") for (int r = 0; r < 4; r++) {
        lanes first = d[r][0] - d[r][2], second = d[r][1] + d[r][2];
        lanes third = d[r][2] - d[r][1], fourth = d[r][1] - d[r][3];
        d[r][0] = first, d[r][1] = second, d[r][2] = third, d[r][3] = fourth;
    }
}

static void winograd_input(const void *const *windows, size_t count, size_t inputs, void *target) {
    for (size_t tile = 0; tile < count; tile++)
        for (size_t c = 0; c < inputs; c += 16) {
            lane_mask mask = first_lanes(inputs - c);
            lanes d[4][4];
            _Pragma("clang loop unroll(full)") for (int p = 0; p < 16; p++)
                d[p / 4][p % 4] = load_row((const ELEMENT *)windows[p * count + tile] + c, mask);
            transform_input(d);
            _Pragma("clang loop unroll(full)") for (int p = 0; p < 16; p++)
                store_row((ELEMENT *)target + (p * count + tile) * inputs + c, mask, d[p / 4][p % 4]);
        }
}

/// Aᵀ·m·A: the four results of one tile's sums.
static inline void transform_output(const float *sums, size_t stride, lanes y[4]) {
    lanes top[4], bottom[4];
    _Pragma("clang loop unroll(full)") for (int c = 0; c < 4; c++) {
        lanes a = lanes_load(sums + c * stride), b = lanes_load(sums + (4 + c) * stride);
        lanes e = lanes_load(sums + (8 + c) * stride), f = lanes_load(sums + (12 + c) * stride);
        top[c] = (a + b) + e;
        bottom[c] = (b - e) - f;
    }
    y[0] = (top[0] + top[1]) + top[2];
    y[1] = (top[1] - top[2]) - top[3];
    y[2] = (bottom[0] + bottom[1]) + bottom[2];
    y[3] = (bottom[1] - bottom[2]) - bottom[3];
}

static void winograd_output(const float *sums, size_t count, const int32_t *pixels, size_t columns, const limner_panel_end *end) {
    for (size_t tile = 0; tile < count; tile++)
        for (size_t c = 0; c < columns; c += 16) {
            lane_mask mask = first_lanes(columns - c);
            lanes y[4];
            transform_output(sums + tile * WIDTH + c, count * WIDTH, y);
            lanes bias = end->bias ? lanes_load_first(end->bias + c, mask) : lanes_zero();
            for (int r = 0; r < 4; r++) {
                if (pixels[4 * tile + r] < 0) continue;
                size_t row = (size_t)pixels[4 * tile + r];
                lanes x = y[r] + bias;
                if (end->residual)
                    x = x + lanes_load_first(end->residual + row * end->residual_stride + c, mask);
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
                ELEMENT *to = target + (tap * depth * WIDTH + place(depth, start / STEP, c)) * STEP;
                for (size_t i = 0; i < some; i += STEP, to += STEP_STRIDE * STEP) pack_step(row + i, to);
            }
}

static void narrow(const float *x, void *y, size_t rows, size_t width, size_t stride) {
    ELEMENT *out = y;
    for (size_t r = 0; r < rows; r++, x += width, out += stride) {
        narrow_row(x, out, width);
        for (size_t c = width; c < stride; c++) out[c] = 0;
    }
}
