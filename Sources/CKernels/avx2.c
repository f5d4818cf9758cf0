// The kernels for x86-64 CPUs with AVX2.
#if defined(__x86_64__)
#include <math.h>
#include <stdint.h>
#include <string.h>
#pragma clang attribute push(__attribute__((target("avx2,fma"))), apply_to = function)
#define LIMNER_TABLE limner_kernels_avx2
#define LIMNER_NAME "avx2"
#include "kernels.h"
#pragma clang attribute pop
#endif
