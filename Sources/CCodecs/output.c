// The growing buffer and the record cursor of output.h.

#include "output.h"
#include <stdlib.h>
#include <string.h>

bool growing_buffer_reserve(GrowingBuffer *buffer, size_t more) {
    if (more <= buffer->capacity - buffer->count) {
        return true;
    }
    if (more > SIZE_MAX / 2 - buffer->count) {
        return false;
    }
    size_t capacity = buffer->capacity < 4096 ? 4096 : buffer->capacity;
    while (capacity < buffer->count + more) {
        capacity *= 2;
    }
    uint8_t *bytes = realloc(buffer->bytes, capacity);
    if (bytes == NULL) {
        return false;
    }
    buffer->bytes = bytes;
    buffer->capacity = capacity;
    return true;
}

bool growing_buffer_append(GrowingBuffer *buffer, const uint8_t *bytes, size_t count) {
    if (!growing_buffer_reserve(buffer, count)) {
        return false;
    }
    if (count > 0) {
        memcpy(buffer->bytes + buffer->count, bytes, count);
    }
    buffer->count += count;
    return true;
}

bool record_next(const uint8_t **records, size_t *count, Record *record) {
    const uint8_t *at = *records;
    if (*count < 8) {
        return false;
    }
    size_t length = (size_t)at[4] << 24 | (size_t)at[5] << 16 | (size_t)at[6] << 8 | at[7];
    if (length > *count - 8) {
        return false;
    }
    *record = (Record){.tag = at, .payload = at + 8, .length = length};
    *records += 8 + length;
    *count -= 8 + length;
    return true;
}

void codec_buffer_free(CodecBuffer *buffer) {
    free(buffer->bytes);
    *buffer = (CodecBuffer){0};
}
