// Panels of BF16 for x86-64 CPUs with AVX512-BF16.
#include "Panels.h"
#if defined(__x86_64__)
#include <immintrin.h>
#include <string.h>
#define LIMNER_AVX512 1
#define LIMNER_AVX512BF16 1
#pragma clang attribute push(__attribute__((target("avx512f,avx512dq,avx512bw,avx512vl,avx512bf16,avx2,fma"))), apply_to = function)
#include "lanes.h"

#define STEP 2
#define ELEMENT uint16_t

static inline lanes product(lanes sum, int32_t step, lanes weights) {
    return _mm512_dpbf16_ps(sum, (__m512bh)_mm512_set1_epi32(step), (__m512bh)weights);
}

static inline uint16_t one_bf16(float x) {
    uint32_t bits;
    memcpy(&bits, &x, sizeof bits);
    return (uint16_t)((bits + 0x7FFF + (bits >> 16 & 1)) >> 16);
}

static inline void pack_step(const float *x, uint16_t *y) {
    y[0] = one_bf16(x[0]);
    y[1] = one_bf16(x[1]);
}

static inline void narrow_row(const float *x, uint16_t *y, size_t width) {
    size_t c = 0;
    for (; c + 16 <= width; c += 16) lanes_store_bf16_first(y + c, first_lanes(16), lanes_load(x + c));
    lane_mask rest = first_lanes(width - c);
    if (c < width) lanes_store_bf16_first(y + c, rest, lanes_load_first(x + c, rest));
}

static inline lanes load_row(const uint16_t *x, lane_mask mask) { return lanes_load_bf16_first(x, mask); }

static inline void store_row(uint16_t *y, lane_mask mask, lanes x) { lanes_store_bf16_first(y, mask, x); }

#include "panels.h"

/// Of two neighbouring outputs' pairs of inputs, (o, i i+1) (o+1, i i+1), the pairs of outputs (i, o o+1) (i+1, o o+1).
static inline uint64_t exchange(uint64_t x) {
    return (x & 0xFFFF00000000FFFFu) | (x >> 16 & 0xFFFF0000u) | (x & 0xFFFF0000u) << 16;
}

/// `exchange` and transposition of 8 × 8 pairs of pairs, between rows of a panel.
static inline void exchange_square(const uint16_t *from, uint16_t *to) {
    const __m512i words = _mm512_set4_epi32(0x0F0E0B0A, 0x0D0C0908, 0x07060302, 0x05040100);
    __m512i x[8], y[8];
    _Pragma("clang loop unroll(full)") for (int i = 0; i < 8; i++)
        x[i] = _mm512_shuffle_epi8(_mm512_loadu_si512(from + i * WIDTH * STEP), words);
    _Pragma("clang loop unroll(full)") for (int i = 0; i < 8; i += 2) {
        y[i] = _mm512_unpacklo_epi64(x[i], x[i + 1]);
        y[i + 1] = _mm512_unpackhi_epi64(x[i], x[i + 1]);
    }
    _Pragma("clang loop unroll(full)") for (int i = 0; i < 2; i++) {
        __m512i a = _mm512_shuffle_i64x2(y[i], y[i + 2], 0x88), b = _mm512_shuffle_i64x2(y[i + 4], y[i + 6], 0x88);
        __m512i c = _mm512_shuffle_i64x2(y[i], y[i + 2], 0xDD), d = _mm512_shuffle_i64x2(y[i + 4], y[i + 6], 0xDD);
        x[i] = _mm512_shuffle_i64x2(a, b, 0x88);
        x[i + 4] = _mm512_shuffle_i64x2(a, b, 0xDD);
        x[i + 2] = _mm512_shuffle_i64x2(c, d, 0x88);
        x[i + 6] = _mm512_shuffle_i64x2(c, d, 0xDD);
    }
    _Pragma("clang loop unroll(full)") for (int i = 0; i < 8; i++) _mm512_storeu_si512(to + i * WIDTH * STEP, x[i]);
}

/// The same of fewer.
static inline void exchange_rest(const uint16_t *from, uint16_t *to, size_t rows, size_t columns) {
    for (size_t r = 0; r < rows; r++)
        for (size_t c = 0; c < columns; c++) {
            uint64_t pairs;
            memcpy(&pairs, from + c * WIDTH * STEP + r * 4, sizeof pairs);
            pairs = exchange(pairs);
            memcpy(to + r * WIDTH * STEP + c * 4, &pairs, sizeof pairs);
        }
}

/// Asks for 8 steps of a panel, which lie together: a block's lines are too far apart for the CPU to see them coming.
static inline void fetch(const uint16_t *steps) {
    _Pragma("clang loop unroll(full)") for (int line = 0; line < 8 * WIDTH * STEP / 32; line++)
        __builtin_prefetch(steps + line * 32, 0, 2);
}

/// packed[o/2, i′, o%2] = panels[outputs o][reversed tap][inputs i/2][o][i%2]
static void transpose(const void *panels, size_t outputs, size_t inputs, size_t taps, size_t panel, size_t tap, void *packed) {
    size_t depth = steps_of(inputs), deep = steps_of(outputs), begin = panel * WIDTH / STEP;
    size_t width = depth - begin < WIDTH / STEP ? depth - begin : WIDTH / STEP;
    for (size_t base = 0; base < deep; base += WIDTH / 2) {
        size_t some = deep - base < WIDTH / 2 ? deep - base : WIDTH / 2;
        const uint16_t *block = (const uint16_t *)panels +
            ((base * 2 / WIDTH * taps + reversed(tap, taps)) * depth + begin) * WIDTH * STEP;
        const uint16_t *next = block + taps * depth * WIDTH * STEP;
        uint16_t *out = (uint16_t *)packed + base * WIDTH * STEP;
        for (size_t i = 0; i < width; i += 8) {
            if (base + WIDTH / 2 < deep) fetch(next + i * WIDTH * STEP);
            size_t columns = width - i < 8 ? width - i : 8;
            for (size_t o = 0; o < some; o += 8) {
                const uint16_t *from = block + i * WIDTH * STEP + o * 4;
                uint16_t *to = out + o * WIDTH * STEP + i * 4;
                size_t rows = some - o < 8 ? some - o : 8;
                if (rows == 8 && columns == 8) exchange_square(from, to);
                else exchange_rest(from, to, rows, columns);
            }
        }
        for (size_t o = 0; o < some; o++) memset(out + (o * WIDTH + width * 2) * STEP, 0, (WIDTH - width * 2) * STEP * 2);
    }
}

const limner_panels limner_panels_avx512bf16 = {"avx512bf16", sizeof(ELEMENT), panel_values, TURNED, pack, transpose, multiply, multiply_transposed, winograd_input, winograd_output, narrow};
#pragma clang attribute pop
#endif
