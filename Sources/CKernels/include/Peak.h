// What this CPU can do at most, to be timed by whoever calls: loops of nothing but multiply-adds, or nothing but reads.
#ifndef LIMNER_PEAK_H
#define LIMNER_PEAK_H

#include <stddef.h>

typedef struct {
    const char *name;
    // floating-point operations of one round of each loop; those in BF16 are 0 where the CPU has no such product
    size_t f32_operations;
    size_t bf16_operations;
    // chains of independent F32 multiply-adds; what they come to, so that none can be left out
    float (*f32)(size_t rounds, float factor, float addend);
    // the same with BF16 products summed in F32, or NULL
    float (*bf16)(size_t rounds, float factor);
    // the sum of `count` values, read once in order; a multiple of 1024
    float (*read)(const float *values, size_t count);
} limner_peak;

/// The loops for the widest instructions that this CPU has.
const limner_peak *limner_peak_best(void);

#endif
