// Chooses kernel tables by what the CPU says of itself.
#include "Attention.h"
#include "CKernels.h"
#include "Panels.h"

extern const limner_kernels limner_kernels_plain;

#if defined(__x86_64__)
extern const limner_kernels limner_kernels_avx2, limner_kernels_avx512;
extern const limner_attention limner_attention_avx2, limner_attention_avx512, limner_attention_avx512bf16;
extern const limner_panels limner_panels_avx2, limner_panels_avx512, limner_panels_avx512bf16;

static int has_avx2(void) { return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"); }

static int has_avx512(void) {
    return has_avx2() && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") &&
           __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl");
}

static int has_avx512bf16(void) { return has_avx512() && __builtin_cpu_supports("avx512bf16"); }

size_t limner_kernels_count(void) { return 3; }

const limner_kernels *limner_kernels_at(size_t index) {
    switch (index) {
    case 0: return &limner_kernels_plain;
    case 1: return has_avx2() ? &limner_kernels_avx2 : NULL;
    case 2: return has_avx512() ? &limner_kernels_avx512 : NULL;
    default: return NULL;
    }
}

size_t limner_panels_count(void) { return 3; }

const limner_panels *limner_panels_at(size_t index) {
    switch (index) {
    case 0: return has_avx2() ? &limner_panels_avx2 : NULL;
    case 1: return has_avx512() ? &limner_panels_avx512 : NULL;
    case 2: return has_avx512bf16() ? &limner_panels_avx512bf16 : NULL;
    default: return NULL;
    }
}

size_t limner_attention_count(void) { return 3; }

const limner_attention *limner_attention_at(size_t index) {
    switch (index) {
    case 0: return has_avx2() ? &limner_attention_avx2 : NULL;
    case 1: return has_avx512() ? &limner_attention_avx512 : NULL;
    case 2: return has_avx512bf16() ? &limner_attention_avx512bf16 : NULL;
    default: return NULL;
    }
}
#else
size_t limner_kernels_count(void) { return 1; }

const limner_kernels *limner_kernels_at(size_t index) { return index == 0 ? &limner_kernels_plain : NULL; }

#if defined(__aarch64__)
extern const limner_panels limner_panels_neon;
extern const limner_attention limner_attention_neon;

size_t limner_panels_count(void) { return 1; }

const limner_panels *limner_panels_at(size_t index) { return index == 0 ? &limner_panels_neon : NULL; }

size_t limner_attention_count(void) { return 1; }

const limner_attention *limner_attention_at(size_t index) { return index == 0 ? &limner_attention_neon : NULL; }
#else
size_t limner_panels_count(void) { return 0; }

const limner_panels *limner_panels_at(size_t index) { return NULL; }

size_t limner_attention_count(void) { return 0; }

const limner_attention *limner_attention_at(size_t index) { return NULL; }
#endif
#endif

const limner_kernels *limner_kernels_best(void) {
    for (size_t index = limner_kernels_count(); index > 0; index--)
        if (limner_kernels_at(index - 1)) return limner_kernels_at(index - 1);
    return &limner_kernels_plain;
}

const limner_panels *limner_panels_best(size_t element) {
    for (size_t index = limner_panels_count(); index > 0; index--) {
        const limner_panels *table = limner_panels_at(index - 1);
        if (table && table->element == element) return table;
    }
    return NULL;
}

const limner_attention *limner_attention_best(size_t element) {
    for (size_t index = limner_attention_count(); index > 0; index--) {
        const limner_attention *table = limner_attention_at(index - 1);
        if (table && table->element_bytes == element) return table;
    }
    return NULL;
}
