// The kernels for x86-64 CPUs with AVX512.
#if defined(__x86_64__)
#include <math.h>
#include <stdint.h>
#include <string.h>
#pragma clang attribute push(__attribute__((target("avx512f,avx512dq,avx512bw,avx512vl,avx2,fma"))), apply_to = function)
#define LIMNER_TABLE limner_kernels_avx512
#define LIMNER_NAME "avx512"
#include "kernels.h"
#pragma clang attribute pop
#endif
