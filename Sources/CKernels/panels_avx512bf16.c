// Panels of BF16 for x86-64 CPUs with AVX512-BF16.
#include "Panels.h"
#if defined(__x86_64__)
#include <immintrin.h>
#include <string.h>
#pragma clang attribute push(__attribute__((target("avx512f,avx512dq,avx512bw,avx512vl,avx512bf16,avx2,fma"))), apply_to = function)

#define STEP 2
#define ELEMENT uint16_t
#define PRODUCT(sum, a, b) _mm512_dpbf16_ps(sum, (__m512bh)(a), (__m512bh)(b))

static inline __m256i to_bf16(__m512 x) { return (__m256i)_mm512_cvtneps_pbh(x); }

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
    for (; c + 16 <= width; c += 16) _mm256_storeu_si256((__m256i *)(y + c), to_bf16(_mm512_loadu_ps(x + c)));
    if (c < width) {
        __mmask16 mask = (__mmask16)((1u << (width - c)) - 1);
        _mm256_mask_storeu_epi16(y + c, mask, to_bf16(_mm512_maskz_loadu_ps(mask, x + c)));
    }
}

static inline __m512 load_row(const uint16_t *x, __mmask16 mask) {
    return _mm512_castsi512_ps(_mm512_slli_epi32(_mm512_cvtepu16_epi32(_mm256_maskz_loadu_epi16(mask, x)), 16));
}

static inline void store_row(uint16_t *y, __mmask16 mask, __m512 x) { _mm256_mask_storeu_epi16(y, mask, to_bf16(x)); }

#include "panels.h"

/// Of two neighbouring outputs' pairs of inputs, (o, i i+1) (o+1, i i+1), the pairs of outputs (i, o o+1) (i+1, o o+1).
static inline uint64_t exchange(uint64_t x) {
    return (x & 0xFFFF00000000FFFFu) | (x >> 16 & 0xFFFF0000u) | (x & 0xFFFF0000u) << 16;
}

/// packed[t, o/2, i′, o%2] = panels[outputs o][reversed t][inputs i/2][o][i%2]
static void transpose(const void *panels, size_t outputs, size_t inputs, size_t taps, size_t panel, size_t first, size_t count, void *packed) {
    size_t depth = steps_of(inputs), deep = steps_of(outputs), begin = panel * WIDTH / STEP;
    size_t width = depth - begin < WIDTH / STEP ? depth - begin : WIDTH / STEP;
    for (size_t t = 0; t < count; t++)
        for (size_t base = 0; base < deep; base += WIDTH / 2) {
            size_t some = deep - base < WIDTH / 2 ? deep - base : WIDTH / 2;
            const uint16_t *block = (const uint16_t *)panels +
                ((base * 2 / WIDTH * taps + reversed(first + t, taps)) * depth + begin) * WIDTH * STEP;
            for (size_t o = 0; o < some; o++) {
                uint16_t *out = (uint16_t *)packed + (t * deep + base + o) * WIDTH * STEP;
                for (size_t i = 0; i < width; i++) {
                    uint64_t pairs;
                    memcpy(&pairs, block + i * WIDTH * STEP + o * 4, sizeof pairs);
                    pairs = exchange(pairs);
                    memcpy(out + i * 4, &pairs, sizeof pairs);
                }
                memset(out + width * 4, 0, (WIDTH / STEP - width) * 8);
            }
        }
}

static const limner_panels table = {"avx512bf16", sizeof(ELEMENT), panel_values, pack, transpose, multiply, winograd_input, winograd_output, narrow};
#pragma clang attribute pop

const limner_panels *limner_panels_bf16(void) {
    return limner_panels_f32() && __builtin_cpu_supports("avx512bf16") ? &table : NULL;
}
#else
const limner_panels *limner_panels_bf16(void) { return NULL; }
#endif
