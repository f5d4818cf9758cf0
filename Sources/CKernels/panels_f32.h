// What panels.h needs to know of F32. The including file defines LIMNER_AVX512 and sets the target by a pragma.
#include "lanes.h"

#define STEP 1
#define ELEMENT float

static inline lanes product(lanes sum, int32_t step, lanes weights) {
    float x;
    memcpy(&x, &step, sizeof x);
    return lanes_fma(lanes_all(x), weights, sum);
}

static inline void pack_step(const float *x, float *y) { *y = *x; }

static inline void narrow_row(const float *x, float *y, size_t width) { memcpy(y, x, width * sizeof(float)); }

static inline lanes load_row(const float *x, lane_mask mask) { return lanes_load_first(x, mask); }

static inline void store_row(float *y, lane_mask mask, lanes x) { lanes_store_first(y, mask, x); }

#include "panels.h"

/// packed[o, i′] = panels[outputs o][reversed tap][inputs i]
static void transpose(const void *panels, size_t outputs, size_t inputs, size_t taps, size_t panel, size_t tap, void *packed) {
    size_t begin = panel * WIDTH, width = inputs - begin < WIDTH ? inputs - begin : WIDTH;
    float *target = packed;
    for (size_t base = 0; base < outputs; base += WIDTH) {
        size_t some = outputs - base < WIDTH ? outputs - base : WIDTH;
        const float *source = (const float *)panels + (base / WIDTH * taps + reversed(tap, taps)) * inputs * WIDTH;
        for (size_t o = 0; o < some; o++) {
            for (size_t i = 0; i < width; i++) target[place(outputs, base + o, i)] = source[place(inputs, begin + i, o)];
            for (size_t i = width; i < WIDTH; i++) target[place(outputs, base + o, i)] = 0;
        }
    }
}

#define PANELS(name) {name, sizeof(ELEMENT), panel_values, TURNED, pack, transpose, multiply, multiply_transposed, winograd_input, winograd_output, narrow}
