// JPEG to RGB through libjpeg(-turbo).
//
// libjpeg goes on after most damage with a warning and grey pixels. A warning that means wrong pixels is an
// error here; harmless ones (stray bytes between markers, odd version numbers) are let pass.
// Two bombs are stopped: scans are counted while libjpeg absorbs a multi-scan file, and the coefficient
// arrays of such a file may not exceed the order's memory (libjpeg asks for them in one piece, before any scan).

#include "colour.h"
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
// libjpeg's header uses FILE and size_t without including them, so it comes last.
#include <jpeglib.h>
#include <jerror.h>

typedef struct Reader {
    struct jpeg_error_mgr error;
    struct jpeg_progress_mgr progress;
    struct jpeg_decompress_struct codec;
    jmp_buf failure;
    const CodecOrder *order;
    JSAMPLE *ink_row;
    RowWriter writer;
    CodecResult result;
    char *message;
} Reader;

static _Noreturn void fail(Reader *reader, CodecResult result, const char *text) {
    reader->result = result;
    snprintf(reader->message, CODEC_MESSAGE_LENGTH, "%s", text);
    longjmp(reader->failure, 1);
}

static _Noreturn void fail_with_library_text(j_common_ptr codec, CodecResult result) {
    char text[JMSG_LENGTH_MAX];
    codec->err->format_message(codec, text);
    fail(codec->client_data, result, text);
}

static void on_error(j_common_ptr codec) {
    switch (codec->err->msg_code) {
    case JERR_OUT_OF_MEMORY:
    case JERR_NO_BACKING_STORE:
        fail_with_library_text(codec, CodecResultOutOfMemory);
    default:
        fail_with_library_text(codec, CodecResultDamaged);
    }
}

static void on_message(j_common_ptr codec, int level) {
    if (level >= 0) {
        return;
    }
    switch (codec->err->msg_code) {
    case JWRN_JPEG_EOF:
        fail_with_library_text(codec, CodecResultTruncated);
    case JWRN_HIT_MARKER:
    case JWRN_HUFF_BAD_CODE:
    case JWRN_ARITH_BAD_CODE:
    case JWRN_MUST_RESYNC:
        fail_with_library_text(codec, CodecResultDamaged);
    default:
        codec->err->num_warnings += 1;
    }
}

static void on_output(j_common_ptr codec) {
    (void)codec;
}

static void on_progress(j_common_ptr codec) {
    Reader *reader = codec->client_data;
    if (reader->codec.input_scan_number > (int)reader->order->maximum_scans) {
        fail(reader, CodecResultTooManyScans, "more scans than a picture needs");
    }
}

static void start(Reader *reader, const uint8_t *bytes, size_t count) {
    j_decompress_ptr codec = &reader->codec;
    const CodecOrder *order = reader->order;
    ColourSpace space;
    jpeg_create_decompress(codec);
    codec->progress = &reader->progress;
    codec->mem->max_memory_to_use = (long)order->maximum_memory;
    jpeg_mem_src(codec, bytes, count);
    jpeg_read_header(codec, TRUE);
    if (codec->image_width != order->width || codec->image_height != order->height) {
        fail(reader, CodecResultDamaged, "the headers disagree on the size");
    }
    switch (codec->jpeg_color_space) {
    case JCS_GRAYSCALE:
        codec->out_color_space = JCS_RGB;
        space = ColourSpaceGray;
        break;
    case JCS_RGB:
    case JCS_YCbCr:
        codec->out_color_space = JCS_RGB;
        space = ColourSpaceRGB;
        break;
    case JCS_CMYK:
    case JCS_YCCK:
        codec->out_color_space = JCS_CMYK;
        space = ColourSpaceInks;
        break;
    default:
        fail(reader, CodecResultDamaged, "unknown colour space");
    }
    row_writer_open(&reader->writer, order, space, false, reader->message);
    codec->scale_num = 1;
    codec->scale_denom = order->scale_denominator;
    jpeg_start_decompress(codec);
}

static void decode(Reader *reader, const uint8_t *bytes, size_t count, uint8_t *rgb) {
    if (setjmp(reader->failure) != 0) {
        return;
    }
    j_decompress_ptr codec = &reader->codec;
    start(reader, bytes, count);
    uint32_t denominator = reader->order->scale_denominator;
    JDIMENSION width = codec->output_width;
    if (width != (reader->order->width + denominator - 1) / denominator ||
        codec->output_height != (reader->order->height + denominator - 1) / denominator) {
        fail(reader, CodecResultDamaged, "unexpected size after scaling");
    }
    bool inks = codec->out_color_space == JCS_CMYK;
    if (inks && (reader->ink_row = malloc((size_t)width * 4)) == NULL) {
        fail(reader, CodecResultOutOfMemory, "no memory for a row");
    }
    while (codec->output_scanline < codec->output_height) {
        uint8_t *target = rgb + (size_t)codec->output_scanline * width * 3;
        JSAMPROW row = inks ? reader->ink_row : target;
        if (jpeg_read_scanlines(codec, &row, 1) != 1) {
            fail(reader, CodecResultTruncated, "the picture data end early");
        }
        row_writer_write(&reader->writer, row, target, width);
    }
    jpeg_finish_decompress(codec);
}

CodecResult codec_jpeg_decode(const uint8_t *bytes, size_t count, const CodecOrder *order, uint8_t *rgb,
                              char *message) {
    Reader reader;
    memset(&reader, 0, sizeof reader);
    message[0] = '\0';
    reader.order = order;
    reader.message = message;
    reader.codec.err = jpeg_std_error(&reader.error);
    reader.codec.client_data = &reader;
    reader.error.error_exit = on_error;
    reader.error.emit_message = on_message;
    reader.error.output_message = on_output;
    reader.progress.progress_monitor = on_progress;
    decode(&reader, bytes, count, rgb);
    jpeg_destroy_decompress(&reader.codec);
    row_writer_close(&reader.writer);
    free(reader.ink_row);
    return reader.result;
}
