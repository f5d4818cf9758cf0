// The loops of include/Peak.h, compiled once per instruction set: the including file defines LIMNER_PEAK (the suffix of
// the names) and LIMNER_VECTOR (bytes of a register), and sets the target of every function by a pragma.
#include <stddef.h>
#include <stdint.h>

#define LIMNER_JOIN_(a, b) a##b
#define LIMNER_JOIN(a, b) LIMNER_JOIN_(a, b)
#define NAMED(name) LIMNER_JOIN(name, LIMNER_PEAK)

typedef float NAMED(vector) __attribute__((vector_size(LIMNER_VECTOR)));
#define LANES (LIMNER_VECTOR / sizeof(float))
// Independent sums: more than latency times throughput of any such unit, fewer than the registers.
#define CHAINS 12
#define EACH(body) body(0) body(1) body(2) body(3) body(4) body(5) body(6) body(7) body(8) body(9) body(10) body(11)

static float NAMED(lane_sum)(NAMED(vector) v) {
    float sum = 0;
    for (size_t lane = 0; lane < LANES; lane++) sum += v[lane];
    return sum;
}

static float NAMED(f32)(size_t rounds, float factor, float addend) {
    NAMED(vector) a, b, total;
    for (size_t lane = 0; lane < LANES; lane++) a[lane] = factor, b[lane] = addend, total[lane] = 0;
#define START(i) NAMED(vector) sum##i = b;
#define STEP(i) sum##i = sum##i * a + b;
#define FINISH(i) total += sum##i;
    EACH(START)
    for (size_t round = 0; round < rounds; round++) { EACH(STEP) }
    EACH(FINISH)
#undef START
#undef STEP
#undef FINISH
    return NAMED(lane_sum)(total);
}

static float NAMED(read)(const float *values, size_t count) {
    NAMED(vector) sums[8] = {{0}};
    for (size_t i = 0; i < count; i += 8 * LANES)
        for (size_t chain = 0; chain < 8; chain++)
            sums[chain] += *(const NAMED(vector) *)(const void *)(values + i + chain * LANES);
    for (size_t chain = 1; chain < 8; chain++) sums[0] += sums[chain];
    return NAMED(lane_sum)(sums[0]);
}
