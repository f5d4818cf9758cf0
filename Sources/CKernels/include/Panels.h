// Products of rows with weights that were packed into panels: linear layers and convolutions of the engine.
//
// A panel is 64 outputs wide and as deep as taps × inputs; the weights of a layer are packed once. The rows of the left
// side are read where they lie, through one pointer per row and tap, so a convolution needs no copy of its input: a tap
// outside the map points at zeros. Elements are F32, or BF16 in pairs; sums are F32. Nothing here allocates, starts a
// thread or keeps state.
//
// A 3×3 convolution of stride 1 may be done by Winograd's F(2×2, 3×3) (Lavin and Gray 2016): 16 products of transformed
// 4×4 windows for 4 results, instead of 36. Its weights are packed as a layer of 16 taps.
#ifndef LIMNER_PANELS_H
#define LIMNER_PANELS_H

#include <stddef.h>
#include <stdint.h>

/// Outputs in one panel.
#define LIMNER_PANEL_WIDTH 64
/// Taps of a Winograd layer: the places of its 4×4 windows.
#define LIMNER_WINOGRAD_TAPS 16

/// What becomes of the sums of one call.
typedef struct {
    const float *bias;      // [outputs], added to every row; or NULL
    const float *residual;  // rows of `residual_stride` values, added; or NULL
    size_t residual_stride;
    void *target;           // rows of `target_stride` values
    size_t target_stride;
    int target_is_bf16;     // else F32
    int gates;              // of 64 sums a, b the result is a · gelu(b), 32 values; no residual then
} limner_panel_end;

typedef struct {
    const char *name;
    /// Bytes of one element of the rows and of the packed weights: 4 or 2.
    size_t element;

    /// Values that `pack` writes per panel: taps × inputs, the latter rounded up to a whole step, × 64.
    size_t (*panel_values)(size_t inputs, size_t taps);
    /// Bytes that `multiply_transposed` turns round at a time.
    size_t turned_bytes;
    /// Packs panel number `panel` of weight[o · output_stride + t · tap_stride + i], F32; outputs past the last are zero.
    void (*pack)(const float *weight, size_t output_stride, size_t tap_stride, size_t outputs, size_t inputs, size_t taps, size_t panel, void *packed);
    /// From all panels of a layer, tap number `tap` of panel number `panel` of its transpose: a layer with its outputs and
    /// inputs exchanged and its taps in reverse (those of a Winograd layer as its transform reverses).
    void (*transpose)(const void *panels, size_t outputs, size_t inputs, size_t taps, size_t panel, size_t tap, void *packed);
    /// target[r, c] = Σ_t Σ_i rows[t · count + r][i] · weight[c, t, i] (+ bias + residual) for `columns` outputs from the
    /// panel's first one. `scratch` holds count × 64 floats; with `keep` the sums are left there and nothing is written to
    /// the target.
    void (*multiply)(const void *const *rows, size_t count, size_t taps, size_t inputs, const void *panel, size_t columns, float *scratch, int keep, const limner_panel_end *end);
    /// The same by panel number `panel` of the transpose of all `panels`, which is turned round in `turned`, piece by piece.
    void (*multiply_transposed)(const void *const *rows, size_t count, size_t taps, const void *panels, size_t outputs, size_t inputs, size_t panel, void *turned, float *scratch, const limner_panel_end *end);
    /// The windows of `count` tiles, windows[p · count + tile] for their 16 pixels p, transformed: target [16, count, inputs],
    /// inputs a whole number of steps.
    void (*winograd_input)(const void *const *windows, size_t count, size_t inputs, void *target);
    /// The four results of each tile from sums [16, count, 64], written to rows pixels[4 · tile + r] of the target, the
    /// negative ones nowhere; `columns` outputs of the panel.
    void (*winograd_output)(const float *sums, size_t count, const int32_t *pixels, size_t columns, const limner_panel_end *end);
    /// x [rows, width] as rows of elements, each padded with zeros to `stride` elements.
    void (*narrow)(const float *x, void *y, size_t rows, size_t width, size_t stride);
} limner_panels;

/// The number of tables that this binary has.
size_t limner_panels_count(void);
/// Table number `index`, or NULL when this CPU can't run it.
const limner_panels *limner_panels_at(size_t index);
/// The best table this CPU can run for elements of 4 bytes, F32, or 2, BF16; or NULL where it has none.
const limner_panels *limner_panels_best(size_t element);

#endif
