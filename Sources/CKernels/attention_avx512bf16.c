// Attention of BF16 elements, for x86-64 CPUs with AVX512-BF16.
#include "Attention.h"
#if defined(__x86_64__)
#include <float.h>
#include <immintrin.h>
#include <math.h>
#include <string.h>
#pragma clang attribute push(__attribute__((target("avx512f,avx512dq,avx512bw,avx512vl,avx512bf16,avx2,fma"))), apply_to = function)
#define LIMNER_BF16 1
#include "attention_words.h"
#include "attention_forward.h"
#include "attention_adjoint.h"

static const limner_attention table = {
    "avx512bf16", sizeof(element), BLOCK, packed_bytes, pack, attend_bytes, attend, adjoint_bytes, adjoint,
};
#pragma clang attribute pop

const limner_attention *limner_attention_bf16(void) {
    return limner_attention_f32() && __builtin_cpu_supports("avx512bf16") ? &table : NULL;
}
#else
const limner_attention *limner_attention_bf16(void) { return NULL; }
#endif
