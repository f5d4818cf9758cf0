// Panels of F32 for x86-64 CPUs with AVX-512.
#include "Panels.h"
#if defined(__x86_64__)
#include <immintrin.h>
#include <string.h>
#pragma clang attribute push(__attribute__((target("avx512f,avx512dq,avx512bw,avx512vl,avx2,fma"))), apply_to = function)

#define STEP 1
#define ELEMENT float
#define PRODUCT(sum, a, b) _mm512_fmadd_ps(_mm512_castsi512_ps(a), b, sum)

/// Rounds to nearest, ties to even.
static inline __m256i to_bf16(__m512 x) {
    __m512i bits = _mm512_castps_si512(x);
    __m512i odd = _mm512_and_si512(_mm512_srli_epi32(bits, 16), _mm512_set1_epi32(1));
    __m512i rounded = _mm512_add_epi32(bits, _mm512_add_epi32(odd, _mm512_set1_epi32(0x7FFF)));
    return _mm512_cvtepi32_epi16(_mm512_srli_epi32(rounded, 16));
}

static inline void pack_step(const float *x, float *y) { *y = *x; }

static inline void narrow_row(const float *x, float *y, size_t width) { memcpy(y, x, width * sizeof(float)); }

static inline __m512 load_row(const float *x, __mmask16 mask) { return _mm512_maskz_loadu_ps(mask, x); }

static inline void store_row(float *y, __mmask16 mask, __m512 x) { _mm512_mask_storeu_ps(y, mask, x); }

#include "panels.h"

/// packed[t, o, i′] = panels[outputs o][reversed t][inputs i]
static void transpose(const void *panels, size_t outputs, size_t inputs, size_t taps, size_t panel, size_t first, size_t count, void *packed) {
    const float *source = panels;
    float *target = packed;
    size_t begin = panel * WIDTH, width = inputs - begin < WIDTH ? inputs - begin : WIDTH;
    for (size_t t = 0; t < count; t++)
        for (size_t base = 0; base < outputs; base += WIDTH) {
            size_t some = outputs - base < WIDTH ? outputs - base : WIDTH;
            const float *block = source + (base / WIDTH * taps + reversed(first + t, taps)) * inputs * WIDTH + begin * WIDTH;
            for (size_t o = 0; o < some; o++) {
                float *out = target + (t * outputs + base + o) * WIDTH;
                for (size_t i = 0; i < width; i++) out[i] = block[i * WIDTH + o];
                for (size_t i = width; i < WIDTH; i++) out[i] = 0;
            }
        }
}

static const limner_panels table = {"avx512", sizeof(ELEMENT), panel_values, pack, transpose, multiply, winograd_input, winograd_output, narrow};
#pragma clang attribute pop

const limner_panels *limner_panels_f32(void) {
    int able = __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") &&
               __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl");
    return able ? &table : NULL;
}
#else
const limner_panels *limner_panels_f32(void) { return NULL; }
#endif
