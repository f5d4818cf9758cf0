// RGB or grey to an 8-bit PNG through libpng, into memory: IHDR, the caller's chunks, IDAT, IEND.

#include "output.h"
#include <png.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct Writer {
    png_structp codec;
    png_infop info;
    GrowingBuffer output;
    jmp_buf failure;
    CodecResult result;
    char *message;
} Writer;

static _Noreturn void fail(Writer *writer, CodecResult result, const char *text) {
    writer->result = result;
    snprintf(writer->message, CODEC_MESSAGE_LENGTH, "%s", text);
    longjmp(writer->failure, 1);
}

static void on_error(png_structp codec, png_const_charp text) {
    fail(png_get_error_ptr(codec), CodecResultDamaged, text);
}

static void on_warning(png_structp codec, png_const_charp text) {
    (void)codec;
    (void)text;
}

static void on_write(png_structp codec, png_bytep bytes, size_t count) {
    Writer *writer = png_get_io_ptr(codec);
    if (!growing_buffer_append(&writer->output, bytes, count)) {
        fail(writer, CodecResultOutOfMemory, "no memory for the encoded picture");
    }
}

static void on_flush(png_structp codec) {
    (void)codec;
}

static void encode(Writer *writer, const uint8_t *pixels, uint32_t width, uint32_t height, uint32_t channels,
                   const uint8_t *records, size_t records_count) {
    if (setjmp(writer->failure) != 0) {
        return;
    }
    png_structp codec = png_create_write_struct(PNG_LIBPNG_VER_STRING, writer, on_error, on_warning);
    writer->codec = codec;
    writer->info = codec == NULL ? NULL : png_create_info_struct(codec);
    if (writer->info == NULL) {
        fail(writer, CodecResultOutOfMemory, "no memory to write a PNG");
    }
    png_set_write_fn(codec, writer, on_write, on_flush);
    png_set_IHDR(codec, writer->info, width, height, 8, channels == 1 ? PNG_COLOR_TYPE_GRAY : PNG_COLOR_TYPE_RGB,
                 PNG_INTERLACE_NONE, PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
    png_write_info(codec, writer->info);
    for (Record record; record_next(&records, &records_count, &record);) {
        png_write_chunk(codec, record.tag, record.payload, record.length);
    }
    for (uint32_t y = 0; y < height; ++y) {
        png_write_row(codec, pixels + (size_t)y * width * channels);
    }
    png_write_end(codec, NULL);
}

CodecResult codec_png_encode(const uint8_t *pixels, uint32_t width, uint32_t height, uint32_t channels,
                             const uint8_t *records, size_t records_count, CodecBuffer *result, char *message) {
    Writer writer;
    memset(&writer, 0, sizeof writer);
    message[0] = '\0';
    writer.message = message;
    encode(&writer, pixels, width, height, channels, records, records_count);
    png_destroy_write_struct(&writer.codec, &writer.info);
    if (writer.result != CodecResultDone) {
        free(writer.output.bytes);
        writer.output = (GrowingBuffer){0};
    }
    *result = (CodecBuffer){.bytes = writer.output.bytes, .count = writer.output.count};
    return writer.result;
}
