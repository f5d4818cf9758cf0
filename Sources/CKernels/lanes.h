// Sixteen floats that are computed with at once. With LIMNER_AVX512 they are one register; else they are a vector of the
// compiler's, which it lays into as many registers as the target of the including file needs: two of AVX2, four of NEON.
// Both kinds take the operators + − × ÷ and unary −. The including file sets the target by a pragma, after the system's
// headers (string.h; immintrin.h on x86-64).
#include <stddef.h>
#include <stdint.h>

#define LANES_INLINE static inline __attribute__((always_inline))

#if LIMNER_AVX512

typedef __m512 lanes;
/// Lanes that are read or written: the first ones.
typedef __mmask16 lane_mask;

LANES_INLINE lane_mask first_lanes(size_t count) { return count >= 16 ? 0xFFFF : (__mmask16)((1u << count) - 1); }
LANES_INLINE lanes lanes_zero(void) { return _mm512_setzero_ps(); }
LANES_INLINE lanes lanes_all(float x) { return _mm512_set1_ps(x); }
LANES_INLINE lanes lanes_load(const float *x) { return _mm512_loadu_ps(x); }
LANES_INLINE lanes lanes_load_first(const float *x, lane_mask mask) { return _mm512_maskz_loadu_ps(mask, x); }
LANES_INLINE void lanes_store(float *y, lanes x) { _mm512_storeu_ps(y, x); }
LANES_INLINE void lanes_store_first(float *y, lane_mask mask, lanes x) { _mm512_mask_storeu_ps(y, mask, x); }
/// a·b + c and c − a·b.
LANES_INLINE lanes lanes_fma(lanes a, lanes b, lanes c) { return _mm512_fmadd_ps(a, b, c); }
LANES_INLINE lanes lanes_fnma(lanes a, lanes b, lanes c) { return _mm512_fnmadd_ps(a, b, c); }
LANES_INLINE lanes lanes_max(lanes a, lanes b) { return _mm512_max_ps(a, b); }
LANES_INLINE lanes lanes_min(lanes a, lanes b) { return _mm512_min_ps(a, b); }
LANES_INLINE lanes lanes_abs(lanes x) { return _mm512_abs_ps(x); }
/// The nearest integer.
LANES_INLINE lanes lanes_round(lanes x) { return _mm512_roundscale_ps(x, 8); }
/// x·2ⁿ for whole n whose power is a normal number.
LANES_INLINE lanes lanes_times_power(lanes x, lanes n) { return _mm512_scalef_ps(x, n); }
/// a where x < 0, else b.
LANES_INLINE lanes lanes_where_negative(lanes x, lanes a, lanes b) {
    return _mm512_mask_blend_ps(_mm512_cmp_ps_mask(x, _mm512_setzero_ps(), _CMP_LT_OQ), b, a);
}
/// Rounded to nearest, ties to even.
LANES_INLINE __m256i lanes_to_bf16(lanes x) {
#if LIMNER_AVX512BF16
    return (__m256i)_mm512_cvtneps_pbh(x);
#else
    __m512i bits = _mm512_castps_si512(x);
    __m512i odd = _mm512_and_si512(_mm512_srli_epi32(bits, 16), _mm512_set1_epi32(1));
    __m512i rounded = _mm512_add_epi32(bits, _mm512_add_epi32(odd, _mm512_set1_epi32(0x7FFF)));
    return _mm512_cvtepi32_epi16(_mm512_srli_epi32(rounded, 16));
#endif
}
LANES_INLINE void lanes_store_bf16_first(uint16_t *y, lane_mask mask, lanes x) {
    _mm256_mask_storeu_epi16(y, mask, lanes_to_bf16(x));
}
LANES_INLINE lanes lanes_load_bf16_first(const uint16_t *x, lane_mask mask) {
    return _mm512_castsi512_ps(_mm512_slli_epi32(_mm512_cvtepu16_epi32(_mm256_maskz_loadu_epi16(mask, x)), 16));
}
/// a in the first lanes, b in the others.
LANES_INLINE lanes lanes_first_else(lane_mask mask, lanes a, lanes b) { return _mm512_mask_mov_ps(b, mask, a); }
/// t − ⌊t⌋, and x·2^⌊t⌋, which is 0 for t far below 0.
LANES_INLINE lanes lanes_fraction(lanes t) { return _mm512_reduce_ps(t, _MM_FROUND_TO_NEG_INF | _MM_FROUND_NO_EXC); }
LANES_INLINE lanes lanes_times_floor_power(lanes x, lanes t) { return _mm512_scalef_ps(x, t); }
LANES_INLINE float lanes_sum(lanes x) { return _mm512_reduce_add_ps(x); }
/// Lane j of vector i becomes lane i of vector j.
LANES_INLINE void lanes_transpose(lanes v[16]) {
    __m512i t[16], u[16];
    for (int i = 0; i < 16; i += 2) {
        t[i] = _mm512_unpacklo_epi32((__m512i)v[i], (__m512i)v[i + 1]);
        t[i + 1] = _mm512_unpackhi_epi32((__m512i)v[i], (__m512i)v[i + 1]);
    }
    for (int i = 0; i < 16; i += 4)
        for (int h = 0; h < 2; h++) {
            u[i + 2 * h] = _mm512_unpacklo_epi64(t[i + h], t[i + h + 2]);
            u[i + 2 * h + 1] = _mm512_unpackhi_epi64(t[i + h], t[i + h + 2]);
        }
    // u[4g + c] holds, in 128-bit part p, column 4p + c of rows 4g...4g + 3.
    for (int c = 0; c < 4; c++) {
        t[c] = _mm512_shuffle_i32x4(u[c], u[4 + c], 0x88);
        t[4 + c] = _mm512_shuffle_i32x4(u[8 + c], u[12 + c], 0x88);
        t[8 + c] = _mm512_shuffle_i32x4(u[c], u[4 + c], 0xdd);
        t[12 + c] = _mm512_shuffle_i32x4(u[8 + c], u[12 + c], 0xdd);
    }
    for (int c = 0; c < 4; c++) {
        v[c] = (lanes)_mm512_shuffle_i32x4(t[c], t[4 + c], 0x88);
        v[8 + c] = (lanes)_mm512_shuffle_i32x4(t[c], t[4 + c], 0xdd);
        v[4 + c] = (lanes)_mm512_shuffle_i32x4(t[8 + c], t[12 + c], 0x88);
        v[12 + c] = (lanes)_mm512_shuffle_i32x4(t[8 + c], t[12 + c], 0xdd);
    }
}

#else

// Warns of how such a vector is handed to functions, all of which are inlined here.
#pragma clang diagnostic ignored "-Wpsabi"

typedef float lanes __attribute__((ext_vector_type(16)));
typedef int32_t lane_words __attribute__((ext_vector_type(16)));
typedef size_t lane_mask;

LANES_INLINE lane_mask first_lanes(size_t count) { return count < 16 ? count : 16; }
LANES_INLINE lanes lanes_zero(void) { return (lanes)0.0f; }
LANES_INLINE lanes lanes_all(float x) { return (lanes)x; }
LANES_INLINE lanes lanes_load(const float *x) {
    lanes y;
    memcpy(&y, x, sizeof y);
    return y;
}
LANES_INLINE void lanes_store(float *y, lanes x) { memcpy(y, &x, sizeof x); }
LANES_INLINE lanes lanes_load_first(const float *x, lane_mask mask) {
    if (mask == 16) return lanes_load(x);
    float some[16] = {0};
    memcpy(some, x, mask * sizeof(float));
    return lanes_load(some);
}
LANES_INLINE void lanes_store_first(float *y, lane_mask mask, lanes x) {
    if (mask == 16) return lanes_store(y, x);
    float some[16];
    lanes_store(some, x);
    memcpy(y, some, mask * sizeof(float));
}
LANES_INLINE lanes lanes_fma(lanes a, lanes b, lanes c) { return __builtin_elementwise_fma(a, b, c); }
LANES_INLINE lanes lanes_fnma(lanes a, lanes b, lanes c) { return __builtin_elementwise_fma(-a, b, c); }
LANES_INLINE lanes lanes_max(lanes a, lanes b) { return a > b ? a : b; }
LANES_INLINE lanes lanes_min(lanes a, lanes b) { return a < b ? a : b; }
LANES_INLINE lanes lanes_abs(lanes x) { return __builtin_elementwise_abs(x); }
LANES_INLINE lanes lanes_round(lanes x) { return __builtin_elementwise_roundeven(x); }
LANES_INLINE lanes lanes_times_power(lanes x, lanes n) {
    return x * (lanes)((__builtin_convertvector(n, lane_words) + 127) << 23);
}
LANES_INLINE lanes lanes_where_negative(lanes x, lanes a, lanes b) { return x < 0.0f ? a : b; }
LANES_INLINE void lanes_store_bf16_first(uint16_t *y, lane_mask mask, lanes x) {
    typedef uint32_t bits __attribute__((ext_vector_type(16)));
    typedef uint16_t halves __attribute__((ext_vector_type(16)));
    bits word = (bits)x;
    halves narrow = __builtin_convertvector((word + 0x7FFF + (word >> 16 & 1)) >> 16, halves);
    memcpy(y, &narrow, mask * sizeof *y);
}

LANES_INLINE lanes lanes_first_else(lane_mask mask, lanes a, lanes b) {
    const lane_words index = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};
    return index < (int32_t)mask ? a : b;
}
LANES_INLINE lanes lanes_fraction(lanes t) {
    t = lanes_max(t, lanes_all(-127.0f));
    return t - __builtin_elementwise_floor(t);
}
LANES_INLINE lanes lanes_times_floor_power(lanes x, lanes t) {
    return lanes_times_power(x, __builtin_elementwise_floor(lanes_max(t, lanes_all(-127.0f))));
}
LANES_INLINE float lanes_sum(lanes x) {
    float part[16], sum = 0;
    lanes_store(part, x);
    for (int i = 0; i < 8; i++) sum += part[i] + part[i + 8];
    return sum;
}
LANES_INLINE void lanes_transpose(lanes v[16]) {
#define PICK(a, b, ...) __builtin_shufflevector(a, b, __VA_ARGS__)
    lanes t[16], u[16];
    for (int i = 0; i < 16; i += 2) {
        t[i] = PICK(v[i], v[i + 1], 0, 16, 1, 17, 4, 20, 5, 21, 8, 24, 9, 25, 12, 28, 13, 29);
        t[i + 1] = PICK(v[i], v[i + 1], 2, 18, 3, 19, 6, 22, 7, 23, 10, 26, 11, 27, 14, 30, 15, 31);
    }
    for (int i = 0; i < 16; i += 4)
        for (int h = 0; h < 2; h++) {
            lanes a = t[i + h], b = t[i + h + 2];
            u[i + 2 * h] = PICK(a, b, 0, 1, 16, 17, 4, 5, 20, 21, 8, 9, 24, 25, 12, 13, 28, 29);
            u[i + 2 * h + 1] = PICK(a, b, 2, 3, 18, 19, 6, 7, 22, 23, 10, 11, 26, 27, 14, 15, 30, 31);
        }
    // u[4g + c] holds, in lanes 4p..., column 4p + c of rows 4g...4g + 3.
    for (int p = 0; p < 4; p++)
        for (int c = 0; c < 4; c++) {
            float *to = (float *)&v[4 * p + c];
            for (int g = 0; g < 4; g++) memcpy(to + 4 * g, (const float *)&u[4 * g + c] + 4 * p, 4 * sizeof(float));
        }
#undef PICK
}

#endif
