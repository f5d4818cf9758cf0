// Blockwise attention, softmax(Q·Kᵀ·scale)·V of one head and its adjoint, without the matrix of scores: running
// maximum and sum, as in Dao et al. 2022 and 2023 (FlashAttention). One table per element type; NULL on CPUs without
// its instructions, where the engine multiplies matrices instead. A head is a span of `width` channels in rows of
// `stride` values. Nothing here allocates, starts a thread or keeps state: the caller gives 64-byte aligned scratch.
#ifndef LIMNER_ATTENTION_H
#define LIMNER_ATTENTION_H

#include <stddef.h>
#include <stdint.h>

/// One head's sizes. Strides are in values and may be any number ≥ width.
typedef struct {
    size_t queries, keys, width;
    size_t query_stride, key_stride, output_stride;  // of queries and dq; of keys, values, dk and dv; of y and dy
    float scale;
    int causal;  // ≠ 0: query i sees keys 0...i only
} limner_attention_shape;

/// The first row of one head in each tensor; elements are of the table's type.
typedef struct {
    const void *queries, *keys, *values;
    const void *output;        // y, as attend wrote it
    const float *upstream;     // dy
    const float *logarithms;   // as attend wrote them
    float *dq;                 // [queries] rows: the share of the given keys alone, written, not added
    float *dk, *dv;            // [keys] rows: only the given keys' rows are written
} limner_attention_adjoint;

typedef struct {
    const char *name;
    size_t element_bytes;  // 4: F32; 2: BF16, its bits
    size_t block;          // keys of one block: spans given to `pack` start at a multiple of it

    size_t (*packed_bytes)(const limner_attention_shape *shape);
    /// Packs `count` keys and values from row `first` on; all rows must be packed before `attend`.
    void (*pack)(const limner_attention_shape *shape, const void *keys, const void *values, size_t first, size_t count, void *packed);

    size_t (*attend_bytes)(const limner_attention_shape *shape);
    /// y rows first..<first + count; with `logarithms`, ln Σ exp(scale·q·k) of each row too, at its row number.
    void (*attend)(const limner_attention_shape *shape, const void *queries, const void *packed, size_t first, size_t count, void *y, float *logarithms, void *scratch);

    size_t (*adjoint_bytes)(const limner_attention_shape *shape);
    /// The adjoint through keys first..<first + count: several spans may run at once, each with a dq of its own.
    void (*adjoint)(const limner_attention_shape *shape, const limner_attention_adjoint *head, size_t first, size_t count, void *scratch);
} limner_attention;

/// The number of tables that this binary has.
size_t limner_attention_count(void);
/// Table number `index`, or NULL when this CPU can't run it.
const limner_attention *limner_attention_at(size_t index);
/// The best table this CPU can run for elements of 4 bytes, F32, or 2, BF16; or NULL where it has none.
const limner_attention *limner_attention_best(size_t element);

#endif
