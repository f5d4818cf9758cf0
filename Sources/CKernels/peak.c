// The loops of include/Peak.h for each instruction set, and which of them this CPU can run.
#include "include/Peak.h"

#define LIMNER_PEAK _plain
#define LIMNER_VECTOR 16
#include "peak_loops.h"
#undef LIMNER_PEAK
#undef LIMNER_VECTOR

static const limner_peak plain = {"plain", CHAINS * 4 * 2, 0, f32_plain, NULL, read_plain};

#if defined(__x86_64__)
#include <immintrin.h>

#pragma clang attribute push(__attribute__((target("avx2,fma"))), apply_to = function)
#define LIMNER_PEAK _avx2
#define LIMNER_VECTOR 32
#include "peak_loops.h"
#undef LIMNER_PEAK
#undef LIMNER_VECTOR
#pragma clang attribute pop

#pragma clang attribute push(__attribute__((target("avx512f,avx512bw,avx512vl,avx512dq,avx2,fma"))), apply_to = function)
#define LIMNER_PEAK _avx512
#define LIMNER_VECTOR 64
#include "peak_loops.h"
#undef LIMNER_PEAK
#undef LIMNER_VECTOR
#pragma clang attribute pop

// Sixteen sums of two products each per instruction, 64 operations.
__attribute__((target("avx512bf16,avx512f,avx512bw,avx512vl,avx512dq"))) static float bf16_avx512(
    size_t rounds, float factor) {
    __m512 sums[CHAINS], total = _mm512_setzero_ps();
    __m512bh a = _mm512_cvtne2ps_pbh(_mm512_set1_ps(factor), _mm512_set1_ps(factor));
    __m512bh b = _mm512_cvtne2ps_pbh(_mm512_set1_ps(1), _mm512_set1_ps(-1));
    for (size_t i = 0; i < CHAINS; i++) sums[i] = _mm512_set1_ps(factor);
    for (size_t round = 0; round < rounds; round++)
        for (size_t i = 0; i < CHAINS; i++) sums[i] = _mm512_dpbf16_ps(sums[i], a, b);
    for (size_t i = 0; i < CHAINS; i++) total = _mm512_add_ps(total, sums[i]);
    return _mm512_reduce_add_ps(total);
}

static const limner_peak avx2 = {"avx2", CHAINS * 8 * 2, 0, f32_avx2, NULL, read_avx2};
static const limner_peak avx512 = {"avx512", CHAINS * 16 * 2, 0, f32_avx512, NULL, read_avx512};
static const limner_peak avx512bf16 = {
    "avx512bf16", CHAINS * 16 * 2, CHAINS * 64, f32_avx512, bf16_avx512, read_avx512};

const limner_peak *limner_peak_best(void) {
    if (!__builtin_cpu_supports("avx2") || !__builtin_cpu_supports("fma")) return &plain;
    if (!__builtin_cpu_supports("avx512f") || !__builtin_cpu_supports("avx512bw") ||
        !__builtin_cpu_supports("avx512vl") || !__builtin_cpu_supports("avx512dq"))
        return &avx2;
    return __builtin_cpu_supports("avx512bf16") ? &avx512bf16 : &avx512;
}
#else
const limner_peak *limner_peak_best(void) { return &plain; }
#endif
