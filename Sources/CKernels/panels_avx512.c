// Panels of F32 for x86-64 CPUs with AVX-512.
#include "Panels.h"
#if defined(__x86_64__)
#include <immintrin.h>
#include <string.h>
#define LIMNER_AVX512 1
#pragma clang attribute push(__attribute__((target("avx512f,avx512dq,avx512bw,avx512vl,avx2,fma"))), apply_to = function)
#include "panels_f32.h"
const limner_panels limner_panels_avx512 = PANELS("avx512");
#pragma clang attribute pop
#endif
