// Panels of F32 for x86-64 CPUs with AVX2.
#include "Panels.h"
#if defined(__x86_64__)
#include <immintrin.h>
#include <string.h>
#define LIMNER_AVX512 0
#pragma clang attribute push(__attribute__((target("avx2,fma"))), apply_to = function)
#include "panels_f32.h"
const limner_panels limner_panels_avx2 = PANELS("avx2");
#pragma clang attribute pop
#endif
