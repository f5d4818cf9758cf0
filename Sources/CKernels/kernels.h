// The kernels of include/CKernels.h, compiled once per instruction set: the including file defines LIMNER_TABLE (the
// name of its table) and LIMNER_NAME, and sets the target of every function by a pragma. The loops are written so that
// the compiler vectorises them; reductions allow it to reorder sums in the functions that say so, nowhere else.
#include <math.h>
#include <string.h>

#include "CKernels.h"

// eˣ to 2 ulp: 2ⁿ·p(r), r = x − n·ln 2 in [−½ ln 2, ½ ln 2]. The magic addend rounds to nearest.
static inline float exponential(float x) {
    x = x < -87.0f ? -87.0f : x;
    x = x > 88.0f ? 88.0f : x;
    float n = (x * 1.44269504f + 12582912.0f) - 12582912.0f;
    float r = x - n * 0.693359375f;
    r = r + n * 2.12194440e-4f;
    float p = 1.0f / 5040.0f;
    p = p * r + 1.0f / 720.0f;
    p = p * r + 1.0f / 120.0f;
    p = p * r + 1.0f / 24.0f;
    p = p * r + 1.0f / 6.0f;
    p = p * r + 0.5f;
    p = p * r + 1.0f;
    p = p * r + 1.0f;
    int32_t bits = ((int32_t)n + 127) << 23;
    float power;
    memcpy(&power, &bits, sizeof power);
    return p * power;
}

static inline float sigmoid(float x) { return 1.0f / (1.0f + exponential(-x)); }

// Φ(x) = ½ (1 + erf(x/√2)), by Abramowitz & Stegun 7.1.26: |error| < 1.5e-7.
static inline float normal_cdf(float x) {
    float z = fabsf(x) * 0.70710678f;
    float t = 1.0f / (1.0f + 0.3275911f * z);
    float p = 1.061405429f;
    p = p * t - 1.453152027f;
    p = p * t + 1.421413741f;
    p = p * t - 0.284496736f;
    p = p * t + 0.254829592f;
    float tail = 0.5f * p * t * exponential(-z * z);
    return x < 0 ? tail : 1.0f - tail;
}

static inline float normal_density(float x) { return 0.39894228f * exponential(-0.5f * x * x); }

// BF16 is the upper half of a float, rounded to nearest, ties to even.
static inline uint16_t narrowed(float x) {
    uint32_t bits;
    memcpy(&bits, &x, sizeof bits);
    return (uint16_t)((bits + 0x7FFF + (bits >> 16 & 1)) >> 16);
}

static inline float widened(uint16_t x) {
    uint32_t bits = (uint32_t)x << 16;
    float wide;
    memcpy(&wide, &bits, sizeof wide);
    return wide;
}

static void narrow(const float *x, uint16_t *y, size_t count) {
    for (size_t i = 0; i < count; i++) y[i] = narrowed(x[i]);
}

static void widen(const uint16_t *x, float *y, size_t count) {
    for (size_t i = 0; i < count; i++) y[i] = widened(x[i]);
}

static void add(const float *a, const float *b, float *out, size_t count) {
    for (size_t i = 0; i < count; i++) out[i] = a[i] + b[i];
}

static void scale(const float *x, float factor, float *out, size_t count) {
    for (size_t i = 0; i < count; i++) out[i] = x[i] * factor;
}

static void add_row(const float *x, const float *row, float *y, size_t rows, size_t width) {
    for (size_t r = 0; r < rows; r++)
        for (size_t c = 0; c < width; c++) y[r * width + c] = x[r * width + c] + row[c];
}

static void silu(const float *x, float *y, size_t count) {
    for (size_t i = 0; i < count; i++) y[i] = x[i] * sigmoid(x[i]);
}

static void silu_adjoint(const float *x, const float *dy, float *dx, size_t count) {
    for (size_t i = 0; i < count; i++) {
        float s = sigmoid(x[i]);
        dx[i] = dy[i] * s * (1.0f + x[i] * (1.0f - s));
    }
}

static void quick_gelu(const float *x, float *y, size_t count) {
    for (size_t i = 0; i < count; i++) y[i] = x[i] * sigmoid(1.702f * x[i]);
}

static void quick_gelu_adjoint(const float *x, const float *dy, float *dx, size_t count) {
    for (size_t i = 0; i < count; i++) {
        float s = sigmoid(1.702f * x[i]);
        dx[i] = dy[i] * s * (1.0f + 1.702f * x[i] * (1.0f - s));
    }
}

static void gelu(const float *x, float *y, size_t count) {
    for (size_t i = 0; i < count; i++) y[i] = x[i] * normal_cdf(x[i]);
}

static void gelu_adjoint(const float *x, const float *dy, float *dx, size_t count) {
    for (size_t i = 0; i < count; i++) dx[i] = dy[i] * (normal_cdf(x[i]) + x[i] * normal_density(x[i]));
}

static void geglu(const float *x, float *y, size_t rows, size_t width, size_t span) {
    for (size_t r = 0; r < rows * width / span; r++) {
        const float *a = x + r * 2 * span, *b = a + span;
        float *out = y + r * span;
        for (size_t c = 0; c < span; c++) out[c] = a[c] * b[c] * normal_cdf(b[c]);
    }
}

static void geglu_bf16(const uint16_t *x, uint16_t *y, size_t rows, size_t width, size_t span) {
    for (size_t r = 0; r < rows * width / span; r++) {
        const uint16_t *a = x + r * 2 * span, *b = a + span;
        uint16_t *out = y + r * span;
        for (size_t c = 0; c < span; c++) {
            float gate = widened(b[c]);
            out[c] = narrowed(widened(a[c]) * gate * normal_cdf(gate));
        }
    }
}

// dx may be x, which no loop can tell by itself: every place is read before it is written.
static void geglu_adjoint(const float *x, const float *dy, float *dx, size_t rows, size_t width, size_t span) {
    for (size_t r = 0; r < rows * width / span; r++) {
        const float *a = x + r * 2 * span, *b = a + span, *d = dy + r * span;
        float *da = dx + r * 2 * span, *db = da + span;
#pragma clang loop vectorize(assume_safety)
        for (size_t c = 0; c < span; c++) {
            float value = a[c], gate = b[c], cdf = normal_cdf(gate);
            da[c] = d[c] * gate * cdf;
            db[c] = d[c] * value * (cdf + gate * normal_density(gate));
        }
    }
}

static void geglu_bf16_adjoint(const uint16_t *x, const uint16_t *dy, uint16_t *dx, size_t rows, size_t width, size_t span) {
    for (size_t r = 0; r < rows * width / span; r++) {
        const uint16_t *a = x + r * 2 * span, *b = a + span, *d = dy + r * span;
        uint16_t *da = dx + r * 2 * span, *db = da + span;
#pragma clang loop vectorize(assume_safety)
        for (size_t c = 0; c < span; c++) {
            float value = widened(a[c]), gate = widened(b[c]), upstream = widened(d[c]), cdf = normal_cdf(gate);
            da[c] = narrowed(upstream * gate * cdf);
            db[c] = narrowed(upstream * value * (cdf + gate * normal_density(gate)));
        }
    }
}

static void softmax(float *x, size_t rows, size_t width, float scale, ptrdiff_t causal) {
#pragma clang fp reassociate(on)
    for (size_t r = 0; r < rows; r++) {
        float *row = x + r * width;
        size_t visible = causal >= 0 && (size_t)causal + r < width ? (size_t)causal + r : width;
        float largest = row[0];
        for (size_t c = 1; c < visible; c++) largest = row[c] > largest ? row[c] : largest;
        float total = 0;
        for (size_t c = 0; c < visible; c++) {
            row[c] = exponential(scale * (row[c] - largest));
            total += row[c];
        }
        float inverse = 1.0f / total;
        for (size_t c = 0; c < visible; c++) row[c] *= inverse;
        for (size_t c = visible; c < width; c++) row[c] = 0;
    }
}

static void softmax_adjoint(const float *p, float *dp, size_t rows, size_t width, float scale) {
#pragma clang fp reassociate(on)
    for (size_t r = 0; r < rows; r++) {
        const float *q = p + r * width;
        float *d = dp + r * width, total = 0;
        for (size_t c = 0; c < width; c++) total += q[c] * d[c];
        for (size_t c = 0; c < width; c++) d[c] = scale * q[c] * (d[c] - total);
    }
}

// mean and 1/√(variance + ε) of one row, the variance from the centred values.
static inline void moments(const float *x, size_t width, float epsilon, float *mean, float *inverse) {
#pragma clang fp reassociate(on)
    float sum = 0, squares = 0;
    for (size_t c = 0; c < width; c++) sum += x[c];
    float m = sum / (float)width;
    for (size_t c = 0; c < width; c++) squares += (x[c] - m) * (x[c] - m);
    *mean = m;
    *inverse = 1.0f / sqrtf(squares / (float)width + epsilon);
}

static void layer_norm(const float *x, const float *gamma, const float *beta, void *y, size_t rows, size_t width, float epsilon, int bf16) {
    for (size_t r = 0; r < rows; r++) {
        const float *row = x + r * width;
        float mean, inverse;
        moments(row, width, epsilon, &mean, &inverse);
        if (bf16) {
            uint16_t *out = (uint16_t *)y + r * width;
            for (size_t c = 0; c < width; c++) out[c] = narrowed((row[c] - mean) * inverse * gamma[c] + beta[c]);
        } else {
            float *out = (float *)y + r * width;
            for (size_t c = 0; c < width; c++) out[c] = (row[c] - mean) * inverse * gamma[c] + beta[c];
        }
    }
}

static void layer_norm_adjoint(const float *x, const float *gamma, const float *dy, float *dx, size_t rows, size_t width, float epsilon) {
#pragma clang fp reassociate(on)
    for (size_t r = 0; r < rows; r++) {
        const float *row = x + r * width, *d = dy + r * width;
        float *out = dx + r * width, mean, inverse, first = 0, second = 0;
        moments(row, width, epsilon, &mean, &inverse);
        for (size_t c = 0; c < width; c++) {
            float g = d[c] * gamma[c];
            first += g;
            second += g * (row[c] - mean);
        }
        first /= (float)width;
        second *= inverse * inverse / (float)width;
        for (size_t c = 0; c < width; c++) out[c] = inverse * (d[c] * gamma[c] - first - (row[c] - mean) * second);
    }
}

// Blocks of 64 channels × 64 rows are summed in F32 and the blocks in double: exact enough for 10⁶ rows.
static void channel_sums(const float *x, const float *y, size_t rows, size_t width, double *sums, double *products) {
    for (size_t r0 = 0; r0 < rows; r0 += 64) {
        size_t r1 = r0 + 64 < rows ? r0 + 64 : rows;
        for (size_t c0 = 0; c0 < width; c0 += 64) {
            size_t span = c0 + 64 < width ? 64 : width - c0;
            float sum[64] = {0}, product[64] = {0};
            for (size_t r = r0; r < r1; r++) {
                const float *a = x + r * width + c0, *b = y + r * width + c0;
                for (size_t c = 0; c < span; c++) {
                    sum[c] += a[c];
                    product[c] += a[c] * b[c];
                }
            }
            for (size_t c = 0; c < span; c++) {
                sums[c0 + c] += sum[c];
                products[c0 + c] += product[c];
            }
        }
    }
}

static void affine(const float *x, const float *a, const float *b, float *y, size_t rows, size_t width, int silu) {
    for (size_t r = 0; r < rows; r++) {
        const float *row = x + r * width;
        float *out = y + r * width;
        if (silu) {
            for (size_t c = 0; c < width; c++) {
                float z = row[c] * a[c] + b[c];
                out[c] = z * sigmoid(z);
            }
        } else {
            for (size_t c = 0; c < width; c++) out[c] = row[c] * a[c] + b[c];
        }
    }
}

static void affine_bf16(const float *x, const float *a, const float *b, uint16_t *y, size_t rows, size_t width, int silu) {
    for (size_t r = 0; r < rows; r++) {
        const float *row = x + r * width;
        uint16_t *out = y + r * width;
        if (silu) {
            for (size_t c = 0; c < width; c++) {
                float z = row[c] * a[c] + b[c];
                out[c] = narrowed(z * sigmoid(z));
            }
        } else {
            for (size_t c = 0; c < width; c++) out[c] = narrowed(row[c] * a[c] + b[c]);
        }
    }
}

static void affine_silu_adjoint(const float *x, const float *a, const float *b, const float *dy, float *dz, size_t rows, size_t width) {
    for (size_t r = 0; r < rows; r++) {
        const float *row = x + r * width, *d = dy + r * width;
        float *out = dz + r * width;
        for (size_t c = 0; c < width; c++) {
            float z = row[c] * a[c] + b[c], s = sigmoid(z);
            out[c] = d[c] * s * (1.0f + z * (1.0f - s));
        }
    }
}

static void affine_pair(const float *dz, const float *x, const float *p, const float *q, const float *s, float *dx, size_t rows, size_t width) {
    for (size_t r = 0; r < rows; r++)
        for (size_t c = 0; c < width; c++)
            dx[r * width + c] = dz[r * width + c] * p[c] + x[r * width + c] * q[c] + s[c];
}

const limner_kernels LIMNER_TABLE = {
    LIMNER_NAME, narrow, widen, add, scale, add_row, silu, silu_adjoint, quick_gelu, quick_gelu_adjoint, gelu,
    gelu_adjoint, geglu, geglu_bf16, geglu_adjoint, geglu_bf16_adjoint, softmax, softmax_adjoint, layer_norm,
    layer_norm_adjoint, channel_sums, affine, affine_bf16, affine_silu_adjoint, affine_pair,
};
