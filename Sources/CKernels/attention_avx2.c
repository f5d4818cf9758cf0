// Attention of F32 elements, for x86-64 CPUs with AVX2.
#include "Attention.h"
#if defined(__x86_64__)
#include <immintrin.h>
#include <string.h>
#define LIMNER_AVX512 0
#define LIMNER_BF16 0
#pragma clang attribute push(__attribute__((target("avx2,fma"))), apply_to = function)
#include "attention_words.h"
#include "attention_forward.h"
#include "attention_adjoint.h"

const limner_attention limner_attention_avx2 = {
    "avx2", sizeof(element), BLOCK, packed_bytes, pack, attend_bytes, attend, adjoint_bytes, adjoint,
};
#pragma clang attribute pop
#endif
