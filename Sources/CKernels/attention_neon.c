// Attention of F32 elements, for ARM CPUs of 64 bits, all of which have NEON.
#include "Attention.h"
#if defined(__aarch64__)
#include <string.h>
#define LIMNER_AVX512 0
#define LIMNER_BF16 0
#include "attention_words.h"
#include "attention_forward.h"
#include "attention_adjoint.h"

const limner_attention limner_attention_neon = {
    "neon", sizeof(element), BLOCK, packed_bytes, pack, attend_bytes, attend, adjoint_bytes, adjoint,
};
#endif
