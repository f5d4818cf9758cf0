// Says which attention kernels this CPU can run.
#include "CAttention.h"

#if defined(__x86_64__)
extern const limner_attention limner_attention_avx512;
extern const limner_attention limner_attention_avx512bf16;

static int avx512(void) {
    return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") && __builtin_cpu_supports("avx512f") &&
           __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl");
}

const limner_attention *limner_attention_f32(void) { return avx512() ? &limner_attention_avx512 : NULL; }

const limner_attention *limner_attention_bf16(void) {
    return avx512() && __builtin_cpu_supports("avx512bf16") ? &limner_attention_avx512bf16 : NULL;
}
#else
const limner_attention *limner_attention_f32(void) { return NULL; }
const limner_attention *limner_attention_bf16(void) { return NULL; }
#endif
