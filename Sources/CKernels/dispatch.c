// Chooses a kernel table by what the CPU says of itself.
#include "CKernels.h"

extern const limner_kernels limner_kernels_plain;

#if defined(__x86_64__)
extern const limner_kernels limner_kernels_avx2;
extern const limner_kernels limner_kernels_avx512;

size_t limner_kernels_count(void) { return 3; }

const limner_kernels *limner_kernels_at(size_t index) {
    int avx2 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
    int avx512 = avx2 && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") &&
                 __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl");
    switch (index) {
    case 0: return &limner_kernels_plain;
    case 1: return avx2 ? &limner_kernels_avx2 : NULL;
    case 2: return avx512 ? &limner_kernels_avx512 : NULL;
    default: return NULL;
    }
}
#else
size_t limner_kernels_count(void) { return 1; }

const limner_kernels *limner_kernels_at(size_t index) { return index == 0 ? &limner_kernels_plain : NULL; }
#endif

const limner_kernels *limner_kernels_best(void) {
    for (size_t index = limner_kernels_count(); index > 0; index--)
        if (limner_kernels_at(index - 1)) return limner_kernels_at(index - 1);
    return &limner_kernels_plain;
}
