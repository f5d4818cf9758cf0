// PNG to RGB through libpng, transparency laid over white.
//
// All ancillary chunks but tRNS are skipped unread: text changes no pixels, and profile and gamma come with the order,
// so libpng has nothing to inflate but the picture. After the last row libpng would inflate whatever picture data are left, a
// thousandfold if they are made so; the last row may therefore read only so many bytes.
// Samples of 16 bits are rounded to 8, not cut. The rows of an interlaced picture with transparency are held
// as RGBA until the last pass; every other picture is decoded in place or through one row.

#include "colour.h"
#include <png.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct Reader {
    png_structp codec;
    png_infop info;
    const uint8_t *bytes;
    size_t count, offset;
    /// Bytes that may still be read; SIZE_MAX for any number.
    size_t allowance;
    jmp_buf failure;
    const CodecOrder *order;
    uint8_t *rgba_rows;
    RowWriter writer;
    CodecResult result;
    char *message;
} Reader;

static _Noreturn void fail(Reader *reader, CodecResult result, const char *text) {
    reader->result = result;
    snprintf(reader->message, CODEC_MESSAGE_LENGTH, "%s", text);
    longjmp(reader->failure, 1);
}

static void on_error(png_structp codec, png_const_charp text) {
    fail(png_get_error_ptr(codec), CodecResultDamaged, text);
}

static void on_warning(png_structp codec, png_const_charp text) {
    (void)codec;
    (void)text;
}

static void on_read(png_structp codec, png_bytep target, size_t count) {
    Reader *reader = png_get_io_ptr(codec);
    if (count > reader->count - reader->offset) {
        fail(reader, CodecResultTruncated, "the file ends inside a chunk");
    }
    if (count > reader->allowance) {
        fail(reader, CodecResultDamaged, "more picture data than the picture holds");
    }
    if (reader->allowance != SIZE_MAX) {
        reader->allowance -= count;
    }
    memcpy(target, reader->bytes + reader->offset, count);
    reader->offset += count;
}

static void start(Reader *reader) {
    const CodecOrder *order = reader->order;
    png_structp codec = png_create_read_struct(PNG_LIBPNG_VER_STRING, reader, on_error, on_warning);
    reader->codec = codec;
    reader->info = codec == NULL ? NULL : png_create_info_struct(codec);
    if (reader->info == NULL) {
        fail(reader, CodecResultOutOfMemory, "no memory to read a PNG");
    }
    png_set_read_fn(codec, reader, on_read);
    png_set_user_limits(codec, order->width, order->height);
    png_set_chunk_malloc_max(codec, order->maximum_memory);
    png_set_keep_unknown_chunks(codec, PNG_HANDLE_CHUNK_NEVER, NULL, -1);
    png_read_info(codec, reader->info);
    if (png_get_image_width(codec, reader->info) != order->width ||
        png_get_image_height(codec, reader->info) != order->height) {
        fail(reader, CodecResultDamaged, "the headers disagree on the size");
    }
}

// Asks libpng for 8-bit RGB or RGBA, and says which it will be.
static bool request_colour(Reader *reader) {
    png_structp codec = reader->codec;
    bool is_gray = (png_get_color_type(codec, reader->info) & PNG_COLOR_MASK_COLOR) == 0;
    png_set_expand(codec);
    png_set_scale_16(codec);
    png_set_gray_to_rgb(codec);
    png_read_update_info(codec, reader->info);
    size_t channels = png_get_channels(codec, reader->info);
    if ((channels != 3 && channels != 4) ||
        png_get_rowbytes(codec, reader->info) != channels * reader->order->width) {
        fail(reader, CodecResultDamaged, "unexpected row length");
    }
    row_writer_open(&reader->writer, reader->order, is_gray ? ColourSpaceGray : ColourSpaceRGB, channels == 4,
                    reader->message);
    return channels == 4;
}

static void read_row(Reader *reader, uint8_t *row, bool is_last) {
    // A row that does not compress is stored whole, and libpng reads ahead by blocks of 4096 bytes.
    reader->allowance = is_last ? 2 * png_get_rowbytes(reader->codec, reader->info) + 4096 + 64 : SIZE_MAX;
    png_read_row(reader->codec, row, NULL);
    reader->allowance = SIZE_MAX;
}

static void read_opaque(Reader *reader, int passes, uint8_t *rgb) {
    size_t stride = (size_t)reader->order->width * 3;
    for (int pass = 0; pass < passes; ++pass) {
        for (uint32_t y = 0; y < reader->order->height; ++y) {
            bool last_pass = pass == passes - 1;
            uint8_t *row = rgb + y * stride;
            read_row(reader, row, last_pass && y == reader->order->height - 1);
            if (last_pass) {
                row_writer_write(&reader->writer, row, row, reader->order->width);
            }
        }
    }
}

static void read_transparent(Reader *reader, int passes, uint8_t *rgb) {
    uint32_t width = reader->order->width, height = reader->order->height;
    size_t stride = (size_t)width * 4;
    bool interlaced = passes > 1;
    reader->rgba_rows = malloc(interlaced ? stride * height : stride);
    if (reader->rgba_rows == NULL) {
        fail(reader, CodecResultOutOfMemory, "no memory for the rows of a transparent picture");
    }
    for (int pass = 0; pass < passes; ++pass) {
        for (uint32_t y = 0; y < height; ++y) {
            uint8_t *row = reader->rgba_rows + (interlaced ? y * stride : 0);
            bool last_pass = pass == passes - 1;
            read_row(reader, row, last_pass && y == height - 1);
            if (last_pass) {
                row_writer_write(&reader->writer, row, rgb + (size_t)y * width * 3, width);
            }
        }
    }
}

static void decode(Reader *reader, uint8_t *rgb) {
    if (setjmp(reader->failure) != 0) {
        return;
    }
    start(reader);
    int passes = png_set_interlace_handling(reader->codec);
    if (request_colour(reader)) {
        read_transparent(reader, passes, rgb);
    } else {
        read_opaque(reader, passes, rgb);
    }
    png_read_end(reader->codec, NULL);
}

CodecResult codec_png_decode(const uint8_t *bytes, size_t count, const CodecOrder *order, uint8_t *rgb,
                             char *message) {
    Reader reader;
    memset(&reader, 0, sizeof reader);
    message[0] = '\0';
    reader.bytes = bytes;
    reader.count = count;
    reader.allowance = SIZE_MAX;
    reader.order = order;
    reader.message = message;
    decode(&reader, rgb);
    png_destroy_read_struct(&reader.codec, &reader.info, NULL);
    row_writer_close(&reader.writer);
    free(reader.rgba_rows);
    return reader.result;
}
