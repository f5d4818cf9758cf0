// The C side of LimnerImaging: libjpeg and libpng report errors by longjmp, which Swift must never see,
// so every call into them starts and ends in this target; libwebp, lcms2 and zlib work on the same rows.
//
// Law of this target: memory in, memory out; no files, no global state, no logging. Whatever a function
// allocates it frees on every path; only an encoder's result outlives its call (`codec_buffer_free`).
// Messages are copied into the caller's buffer of CODEC_MESSAGE_LENGTH bytes and are always terminated. After a decoding
// that is done, a message says why the order's profile was ignored; else it is empty.
// Which pictures are welcome (limits, orientation, formats) is decided in Swift, before these are called.

#ifndef LIMNER_CCODECS_H
#define LIMNER_CCODECS_H

#include <stdbool.h>
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
    /// WebP only: where the picture lies in the stored size, which is white around it. A still picture fills it.
    uint32_t frame_x, frame_y, frame_width, frame_height;
    /// ICC profile the samples are in; none when `profile_count` is 0.
    const uint8_t *profile;
    size_t profile_count;
    /// PNG only: without a profile, the power that makes samples linear light; 0 for sRGB's own curve.
    double gamma;
} CodecOrder;

/// An encoder's result, owned by the caller.
typedef struct CodecBuffer {
    uint8_t *bytes;
    size_t count;
} CodecBuffer;

/// Decodes a JPEG to 8-bit sRGB rows without padding. `rgb` holds ceil(width / d) · ceil(height / d) · 3 bytes.
CodecResult codec_jpeg_decode(const uint8_t *bytes, size_t count, const CodecOrder *order, uint8_t *rgb,
                              char *message);

/// Decodes a PNG to 8-bit sRGB rows without padding, transparency laid over white.
/// `rgb` holds width · height · 3 bytes.
CodecResult codec_png_decode(const uint8_t *bytes, size_t count, const CodecOrder *order, uint8_t *rgb,
                             char *message);

/// Decodes a WebP, or the chunks of one frame of an animated one, as `codec_png_decode` does.
CodecResult codec_webp_decode(const uint8_t *bytes, size_t count, const CodecOrder *order, uint8_t *rgb,
                              char *message);

/// What a WebP, or one frame's chunks, says of itself before any pixel is decoded.
CodecResult codec_webp_size(const uint8_t *bytes, size_t count, uint32_t *width, uint32_t *height, char *message);

/// Brings rows of RGB or RGBA, `stride` bytes apart, to what a decoder gives: sRGB by the order's profile, over white.
void codec_rows_convert(const uint8_t *rows, size_t stride, bool has_alpha, const CodecOrder *order, uint8_t *rgb,
                        char *message);

/// Inflates a zlib stream into `target`, and sets `target_count` to what it holds. `CodecResultOutOfMemory` when that
/// is more than `capacity`.
CodecResult codec_inflate(const uint8_t *bytes, size_t count, uint8_t *target, size_t capacity, size_t *target_count,
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
