// WebP to RGB through libwebp: lossy, lossless, transparent, and one frame of an animation.

#include "colour.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <webp/decode.h>

static CodecResult fail(char *message, CodecResult result, const char *text) {
    snprintf(message, CODEC_MESSAGE_LENGTH, "%s", text);
    return result;
}

static CodecResult check(VP8StatusCode status, char *message) {
    switch (status) {
    case VP8_STATUS_OK:
        return CodecResultDone;
    case VP8_STATUS_NOT_ENOUGH_DATA:
    case VP8_STATUS_SUSPENDED:
        return fail(message, CodecResultTruncated, "the picture data end early");
    case VP8_STATUS_OUT_OF_MEMORY:
        return fail(message, CodecResultOutOfMemory, "no memory to decode a WebP");
    case VP8_STATUS_UNSUPPORTED_FEATURE:
        return fail(message, CodecResultDamaged, "it uses a feature WebP does not have");
    default:
        return fail(message, CodecResultDamaged, "its picture data contradict themselves");
    }
}

CodecResult codec_webp_size(const uint8_t *bytes, size_t count, uint32_t *width, uint32_t *height, char *message) {
    WebPBitstreamFeatures features;
    message[0] = '\0';
    CodecResult result = check(WebPGetFeatures(bytes, count, &features), message);
    if (result == CodecResultDone) {
        *width = (uint32_t)features.width;
        *height = (uint32_t)features.height;
    }
    return result;
}

static CodecResult decode_into(WebPDecoderConfig *config, const uint8_t *bytes, size_t count, uint8_t *samples,
                               size_t stride, uint32_t height, char *message) {
    config->output.is_external_memory = 1;
    config->output.u.RGBA.rgba = samples;
    config->output.u.RGBA.stride = (int)stride;
    config->output.u.RGBA.size = stride * height;
    CodecResult result = check(WebPDecode(bytes, count, config), message);
    WebPFreeDecBuffer(&config->output);
    return result;
}

static CodecResult decode(const uint8_t *bytes, size_t count, const CodecOrder *order, RowWriter *writer, uint8_t *rgb,
                          char *message) {
    WebPDecoderConfig config;
    if (!WebPInitDecoderConfig(&config)) {
        return fail(message, CodecResultDamaged, "libwebp is of another version than this program");
    }
    CodecResult result = check(WebPGetFeatures(bytes, count, &config.input), message);
    if (result != CodecResultDone) {
        return result;
    }
    uint32_t width = order->frame_width, height = order->frame_height;
    if (config.input.width != (int)width || config.input.height != (int)height ||
        order->frame_x + width > order->width || order->frame_y + height > order->height) {
        return fail(message, CodecResultDamaged, "the headers disagree on the size");
    }
    bool has_alpha = config.input.has_alpha != 0;
    size_t samples = has_alpha ? 4 : 3, stride = width * samples;
    bool in_place = !has_alpha && width == order->width;
    uint8_t *rows = in_place ? rgb + order->frame_y * stride : malloc(stride * height);
    if (rows == NULL) {
        return fail(message, CodecResultOutOfMemory, "no memory for the rows of a WebP");
    }
    config.output.colorspace = has_alpha ? MODE_RGBA : MODE_RGB;
    result = decode_into(&config, bytes, count, rows, stride, height, message);
    if (result == CodecResultDone) {
        row_writer_open(writer, order, ColourSpaceRGB, has_alpha, message);
        for (uint32_t y = 0; y < height; ++y) {
            size_t place = (size_t)(order->frame_y + y) * order->width + order->frame_x;
            row_writer_write(writer, rows + y * stride, rgb + place * 3, width);
        }
    }
    if (!in_place) {
        free(rows);
    }
    return result;
}

CodecResult codec_webp_decode(const uint8_t *bytes, size_t count, const CodecOrder *order, uint8_t *rgb,
                              char *message) {
    RowWriter writer = {0};
    message[0] = '\0';
    if (order->frame_width != order->width || order->frame_height != order->height) {
        memset(rgb, 255, (size_t)order->width * order->height * 3);
    }
    CodecResult result = decode(bytes, count, order, &writer, rgb, message);
    row_writer_close(&writer);
    return result;
}
