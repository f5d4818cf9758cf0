// What both encoders share: a byte buffer that doubles, and a cursor over the records to be embedded.

#ifndef LIMNER_CCODECS_OUTPUT_H
#define LIMNER_CCODECS_OUTPUT_H

#include "CCodecs.h"
#include <stdbool.h>

typedef struct GrowingBuffer {
    uint8_t *bytes;
    size_t count, capacity;
} GrowingBuffer;

/// Makes room for `more` bytes after `count`; false when there is no memory, the buffer left as it was.
bool growing_buffer_reserve(GrowingBuffer *buffer, size_t more);

/// Appends; false when there is no memory.
bool growing_buffer_append(GrowingBuffer *buffer, const uint8_t *bytes, size_t count);

typedef struct Record {
    const uint8_t *tag, *payload;
    size_t length;
} Record;

/// Takes the next record off the front; false at the end or at a record that runs past it.
bool record_next(const uint8_t **records, size_t *count, Record *record);

#endif
