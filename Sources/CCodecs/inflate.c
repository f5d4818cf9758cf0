// A zlib stream into memory of the caller's size, through zlib: what a PNG's profile is stored in.

#include "CCodecs.h"
#include <stdio.h>
#include <zlib.h>

CodecResult codec_inflate(const uint8_t *bytes, size_t count, uint8_t *target, size_t capacity, size_t *target_count,
                          char *message) {
    uLongf filled = capacity;
    int status = uncompress(target, &filled, bytes, count);
    message[0] = '\0';
    *target_count = status == Z_OK ? filled : 0;
    switch (status) {
    case Z_OK:
        return CodecResultDone;
    case Z_BUF_ERROR:
        // zlib says the same of a stream that is cut; both are refused alike.
        snprintf(message, CODEC_MESSAGE_LENGTH, "it is cut off, or longer than %zu bytes", capacity);
        return CodecResultOutOfMemory;
    default:
        snprintf(message, CODEC_MESSAGE_LENGTH, "it is not compressed as a PNG's must be");
        return CodecResultDamaged;
    }
}
