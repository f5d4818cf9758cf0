// RGB or grey to a baseline JPEG through libjpeg(-turbo), into memory.
//
// The destination is our own: libjpeg's memory destination leaves its buffer's address stale when it fails
// after growing. Colour is kept at full resolution from quality 90 on, and halved both ways below.

#include "output.h"
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
// libjpeg's header uses FILE and size_t without including them, so it comes last.
#include <jpeglib.h>
#include <jerror.h>

enum { FULL_COLOUR_QUALITY = 90, LONGEST_COMMENT = 65533, OUTPUT_STEP = 65536 };

typedef struct Writer {
    struct jpeg_error_mgr error;
    struct jpeg_compress_struct codec;
    struct jpeg_destination_mgr destination;
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

static void on_error(j_common_ptr codec) {
    char text[JMSG_LENGTH_MAX];
    bool memory = codec->err->msg_code == JERR_OUT_OF_MEMORY;
    codec->err->format_message(codec, text);
    fail(codec->client_data, memory ? CodecResultOutOfMemory : CodecResultDamaged, text);
}

static void on_message(j_common_ptr codec, int level) {
    (void)codec;
    (void)level;
}

static void on_output(j_common_ptr codec) {
    (void)codec;
}

static void offer_room(j_compress_ptr codec) {
    Writer *writer = codec->client_data;
    if (!growing_buffer_reserve(&writer->output, OUTPUT_STEP)) {
        fail(writer, CodecResultOutOfMemory, "no memory for the encoded picture");
    }
    writer->destination.next_output_byte = writer->output.bytes + writer->output.count;
    writer->destination.free_in_buffer = writer->output.capacity - writer->output.count;
}

// libjpeg calls this only when the offered room is used up to its last byte, whatever its fields say.
static boolean on_full(j_compress_ptr codec) {
    Writer *writer = codec->client_data;
    writer->output.count = writer->output.capacity;
    offer_room(codec);
    return TRUE;
}

static void on_end(j_compress_ptr codec) {
    Writer *writer = codec->client_data;
    writer->output.count = writer->output.capacity - writer->destination.free_in_buffer;
}

static void start(Writer *writer, uint32_t width, uint32_t height, uint32_t channels, uint32_t quality) {
    j_compress_ptr codec = &writer->codec;
    jpeg_create_compress(codec);
    writer->destination.init_destination = offer_room;
    writer->destination.empty_output_buffer = on_full;
    writer->destination.term_destination = on_end;
    codec->dest = &writer->destination;
    codec->image_width = width;
    codec->image_height = height;
    codec->input_components = (int)channels;
    codec->in_color_space = channels == 1 ? JCS_GRAYSCALE : JCS_RGB;
    jpeg_set_defaults(codec);
    jpeg_set_quality(codec, (int)quality, TRUE);
    codec->optimize_coding = TRUE;
    if (quality >= FULL_COLOUR_QUALITY) {
        codec->comp_info[0].h_samp_factor = 1;
        codec->comp_info[0].v_samp_factor = 1;
    }
    jpeg_start_compress(codec, TRUE);
}

static void encode(Writer *writer, const uint8_t *pixels, uint32_t width, uint32_t height, uint32_t channels,
                   uint32_t quality, const uint8_t *records, size_t records_count) {
    if (setjmp(writer->failure) != 0) {
        return;
    }
    j_compress_ptr codec = &writer->codec;
    start(writer, width, height, channels, quality);
    for (Record record; record_next(&records, &records_count, &record);) {
        if (record.length > LONGEST_COMMENT) {
            fail(writer, CodecResultDamaged, "a comment is longer than a JPEG can hold");
        }
        jpeg_write_marker(codec, JPEG_COM, record.payload, (unsigned)record.length);
    }
    while (codec->next_scanline < codec->image_height) {
        JSAMPROW row = (JSAMPROW)(pixels + (size_t)codec->next_scanline * width * channels);
        jpeg_write_scanlines(codec, &row, 1);
    }
    jpeg_finish_compress(codec);
}

CodecResult codec_jpeg_encode(const uint8_t *pixels, uint32_t width, uint32_t height, uint32_t channels,
                              uint32_t quality, const uint8_t *records, size_t records_count, CodecBuffer *result,
                              char *message) {
    Writer writer;
    memset(&writer, 0, sizeof writer);
    message[0] = '\0';
    writer.message = message;
    writer.codec.err = jpeg_std_error(&writer.error);
    writer.codec.client_data = &writer;
    writer.error.error_exit = on_error;
    writer.error.emit_message = on_message;
    writer.error.output_message = on_output;
    encode(&writer, pixels, width, height, channels, quality, records, records_count);
    jpeg_destroy_compress(&writer.codec);
    if (writer.result != CodecResultDone) {
        free(writer.output.bytes);
        writer.output = (GrowingBuffer){0};
    }
    *result = (CodecBuffer){.bytes = writer.output.bytes, .count = writer.output.count};
    return writer.result;
}
