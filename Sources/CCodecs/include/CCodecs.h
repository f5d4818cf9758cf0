// The C side of LimnerImaging: libjpeg and libpng report errors by longjmp, which Swift must never see,
// so every call into them starts and ends in this target.
//
// Law of this target: memory in, memory out; no files, no global state, no logging. Whatever a function
// allocates it frees on every path; only an encoder's result outlives its call (`codec_buffer_free`).
// Messages are copied into the caller's buffer of CODEC_MESSAGE_LENGTH bytes and are always terminated.
// Which pictures are welcome (limits, orientation, formats) is decided in Swift, before these are called.

#ifndef LIMNER_CCODECS_H
#define LIMNER_CCODECS_H

#include <stddef.h>
#include <stdint.h>

#define CODEC_MESSAGE_LENGTH 256

/// How a call ended.
typedef enum __attribute__((enum_extensibility(closed))) CodecResult {
    CodecResultDone = 0,
    /// The bytes end before the picture does.
    CodecResultTruncated,
    /// The bytes contradict the format, or decoding them would give wrong pixels; the message says where.
    CodecResultDamaged,
    /// More progressive scans than the order allows.
    CodecResultTooManyScans,
    /// The library needs more memory than the order allows, or than there is.
    CodecResultOutOfMemory
} CodecResult;

/// What the caller read from a picture's header, and how far decoding may go.
typedef struct CodecOrder {
    /// Stored size in pixels. A file of which the library reads another size is damaged.
    uint32_t width, height;
    /// JPEG only: decode at 1/1, 1/2, 1/4 or 1/8 of the stored size, rounded up.
    uint32_t scale_denominator;
    /// JPEG only: scans read before giving up.
    uint32_t maximum_scans;
    /// JPEG: bytes of coefficient storage. PNG: bytes of one chunk.
    size_t maximum_memory;
} CodecOrder;

/// An encoder's result, owned by the caller.
typedef struct CodecBuffer {
    uint8_t *bytes;
    size_t count;
} CodecBuffer;

/// Decodes a JPEG to 8-bit RGB rows without padding. `rgb` holds ceil(width / d) · ceil(height / d) · 3 bytes.
CodecResult codec_jpeg_decode(const uint8_t *bytes, size_t count, const CodecOrder *order, uint8_t *rgb,
                              char *message);

/// Decodes a PNG to 8-bit RGB rows without padding, transparency laid over white.
/// `rgb` holds width · height · 3 bytes.
CodecResult codec_png_decode(const uint8_t *bytes, size_t count, const CodecOrder *order, uint8_t *rgb,
                             char *message);

/// Encodes rows of `channels` (1 or 3) bytes a pixel as a baseline JPEG of `quality` 1 to 100.
/// `records`: comment segments to write, each four bytes of tag (unused), four of big-endian length, payload.
CodecResult codec_jpeg_encode(const uint8_t *pixels, uint32_t width, uint32_t height, uint32_t channels,
                              uint32_t quality, const uint8_t *records, size_t records_count, CodecBuffer *result,
                              char *message);

/// Encodes rows of `channels` (1 or 3) bytes a pixel as an 8-bit PNG.
/// `records`: chunks to write before the picture, each four bytes of chunk type, four of big-endian length, payload.
CodecResult codec_png_encode(const uint8_t *pixels, uint32_t width, uint32_t height, uint32_t channels,
                             const uint8_t *records, size_t records_count, CodecBuffer *result, char *message);

/// Frees an encoder's result.
void codec_buffer_free(CodecBuffer *buffer);

#endif
