// Elementwise, normalisation and softmax kernels of the engine.
//
// Each kernel is plain C, compiled once per instruction set (kernels.h); the table of the best set that this CPU has
// is chosen at run time, so one binary runs with and without AVX-512. All pointers are to contiguous row-major F32, or BF16
// where a kernel says so; nothing here allocates, starts a thread or keeps state. Products of matrices are Panels.h's.
#ifndef LIMNER_CKERNELS_H
#define LIMNER_CKERNELS_H

#include <stddef.h>
#include <stdint.h>

/// Tells the CPU that this thread looks at a value again and again.
static inline void limner_pause(void) {
#if defined(__x86_64__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    __asm__ volatile("yield");
#endif
}

typedef struct {
    const char *name;

    // F32 to BF16, rounded to nearest, and back
    void (*narrow)(const float *x, uint16_t *y, size_t count);
    void (*widen)(const uint16_t *x, float *y, size_t count);
    // out[i] = a[i] + b[i]
    void (*add)(const float *a, const float *b, float *out, size_t count);
    // out[i] = x[i] * factor
    void (*scale)(const float *x, float factor, float *out, size_t count);
    // y[r, c] = x[r, c] + row[c]
    void (*add_row)(const float *x, const float *row, float *y, size_t rows, size_t width);

    // y = x · sigmoid(x); dx = dy · d/dx
    void (*silu)(const float *x, float *y, size_t count);
    void (*silu_adjoint)(const float *x, const float *dy, float *dx, size_t count);
    // y = x · sigmoid(1.702 x), CLIP's quick-GELU
    void (*quick_gelu)(const float *x, float *y, size_t count);
    void (*quick_gelu_adjoint)(const float *x, const float *dy, float *dx, size_t count);
    // y = ½ x (1 + erf(x/√2))
    void (*gelu)(const float *x, float *y, size_t count);
    void (*gelu_adjoint)(const float *x, const float *dy, float *dx, size_t count);
    // x [rows, 2·width] = spans of (a | b), `span` values each; y = a · gelu(b), [rows, width]
    void (*geglu)(const float *x, float *y, size_t rows, size_t width, size_t span);
    void (*geglu_bf16)(const uint16_t *x, uint16_t *y, size_t rows, size_t width, size_t span);
    void (*geglu_adjoint)(const float *x, const float *dy, float *dx, size_t rows, size_t width, size_t span);
    void (*geglu_bf16_adjoint)(const uint16_t *x, const uint16_t *dy, uint16_t *dx, size_t rows, size_t width, size_t span);

    // in place on each row: exp(scale·(x − max)) / Σ; a row's first `visible` + r entries count when causal ≥ 0, the rest become 0
    void (*softmax)(float *x, size_t rows, size_t width, float scale, ptrdiff_t causal);
    // in place on dp: ds = scale · p · (dp − Σ p·dp)
    void (*softmax_adjoint)(const float *p, float *dp, size_t rows, size_t width, float scale);

    // y = (x − mean)/√(var + ε) · gamma + beta over each row; y is BF16 when bf16 ≠ 0
    void (*layer_norm)(const float *x, const float *gamma, const float *beta, void *y, size_t rows, size_t width, float epsilon, int bf16);
    void (*layer_norm_adjoint)(const float *x, const float *gamma, const float *dy, float *dx, size_t rows, size_t width, float epsilon);

    // sums[c] += Σ_r x[r, c], products[c] += Σ_r x[r, c] · y[r, c] (y may be x)
    void (*channel_sums)(const float *x, const float *y, size_t rows, size_t width, double *sums, double *products);
    // y[r, c] = x[r, c] · a[c] + b[c], then SiLU when silu ≠ 0
    void (*affine)(const float *x, const float *a, const float *b, float *y, size_t rows, size_t width, int silu);
    void (*affine_bf16)(const float *x, const float *a, const float *b, uint16_t *y, size_t rows, size_t width, int silu);
    // dz = dy · silu'(x·a + b)
    void (*affine_silu_adjoint)(const float *x, const float *a, const float *b, const float *dy, float *dz, size_t rows, size_t width);
    // dx[r, c] = dz[r, c] · p[c] + x[r, c] · q[c] + s[c]
    void (*affine_pair)(const float *dz, const float *x, const float *p, const float *q, const float *s, float *dx, size_t rows, size_t width);
} limner_kernels;

/// The number of instruction sets this binary has kernels for; 0 is plain C.
size_t limner_kernels_count(void);
/// The table number `index`, or NULL when this CPU can't run it.
const limner_kernels *limner_kernels_at(size_t index);
/// The best table this CPU can run.
const limner_kernels *limner_kernels_best(void);

#endif
