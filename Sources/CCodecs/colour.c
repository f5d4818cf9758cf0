// Embedded profiles to sRGB through lcms2, inks without a profile by the plain formula, transparency over white.
//
// Each picture has an lcms2 context of its own, so nothing is shared between threads. A profile that moves none of a
// few hundred probe colours by more than one step is sRGB under another name, and the pixels are left alone.

#include "colour.h"
#include <lcms2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PROBE_STEPS = 6, PROBE_SPACING = 255 / (PROBE_STEPS - 1), PROBE_TOLERANCE = 1 };

static void say(char *message, const char *text) {
    snprintf(message, CODEC_MESSAGE_LENGTH, "%s", text);
}

// White and primaries of ITU-R BT.709, which are sRGB's, under a power law.
static cmsHPROFILE gamma_profile(cmsContext context, double exponent) {
    const cmsCIExyY white = {0.3127, 0.3290, 1};
    const cmsCIExyYTRIPLE primaries = {{0.64, 0.33, 1}, {0.30, 0.60, 1}, {0.15, 0.06, 1}};
    cmsToneCurve *curve = cmsBuildGamma(context, exponent);
    if (curve == NULL) {
        return NULL;
    }
    cmsToneCurve *const curves[] = {curve, curve, curve};
    cmsHPROFILE profile = cmsCreateRGBProfileTHR(context, &white, &primaries, curves);
    cmsFreeToneCurve(curve);
    return profile;
}

static bool is_of_a_device(cmsHPROFILE profile) {
    switch (cmsGetDeviceClass(profile)) {
    case cmsSigInputClass:
    case cmsSigDisplayClass:
    case cmsSigOutputClass:
    case cmsSigColorSpaceClass:
        return true;
    default:
        return false;
    }
}

// lcms2's name for the row's samples, read as the profile's; 0 when the profile is for other samples.
static cmsUInt32Number row_format(const RowWriter *writer, cmsColorSpaceSignature space) {
    cmsUInt32Number samples = writer->has_alpha ? 4 : 3;
    switch (space) {
    case cmsSigGrayData:
        return writer->space == ColourSpaceGray
                   ? COLORSPACE_SH(PT_GRAY) | EXTRA_SH(samples - 1) | CHANNELS_SH(1) | BYTES_SH(1)
                   : 0;
    case cmsSigRgbData:
        return writer->space == ColourSpaceInks
                   ? 0
                   : COLORSPACE_SH(PT_RGB) | EXTRA_SH(samples - 3) | CHANNELS_SH(3) | BYTES_SH(1);
    case cmsSigCmykData:
        return writer->space == ColourSpaceInks ? TYPE_CMYK_8_REV : 0;
    default:
        return 0;
    }
}

static bool changes_nothing(const RowWriter *writer) {
    uint8_t probes[PROBE_STEPS * PROBE_STEPS * PROBE_STEPS * 4];
    uint8_t results[PROBE_STEPS * PROBE_STEPS * PROBE_STEPS * 3];
    size_t samples = writer->has_alpha ? 4 : 3, count = 0;
    for (int red = 0; red < PROBE_STEPS; ++red) {
        for (int green = 0; green < PROBE_STEPS; ++green) {
            for (int blue = 0; blue < PROBE_STEPS; ++blue, ++count) {
                const int colour[] = {red, green, blue, PROBE_STEPS - 1};
                for (size_t sample = 0; sample < samples; ++sample) {
                    probes[count * samples + sample] = (uint8_t)(colour[sample] * PROBE_SPACING);
                }
            }
        }
    }
    cmsDoTransform(writer->transform, probes, results, (cmsUInt32Number)count);
    for (size_t index = 0; index < count; ++index) {
        for (size_t sample = 0; sample < 3; ++sample) {
            if (abs(results[index * 3 + sample] - probes[index * samples + sample]) > PROBE_TOLERANCE) {
                return false;
            }
        }
    }
    return true;
}

static void open_transform(RowWriter *writer, cmsHPROFILE source, char *message) {
    cmsColorSpaceSignature space = cmsGetColorSpace(source);
    cmsUInt32Number format = is_of_a_device(source) ? row_format(writer, space) : 0;
    if (format == 0) {
        say(message, "it is made for another kind of picture");
        return;
    }
    cmsHPROFILE target = cmsCreate_sRGBProfileTHR(writer->context);
    if (target != NULL) {
        writer->transform =
            cmsCreateTransformTHR(writer->context, source, format, target, TYPE_RGB_8, INTENT_PERCEPTUAL, 0);
        cmsCloseProfile(target);
    }
    if (writer->transform == NULL) {
        say(message, "it is incomplete");
    } else if (space == cmsSigRgbData && changes_nothing(writer)) {
        cmsDeleteTransform(writer->transform);
        writer->transform = NULL;
    }
}

void row_writer_open(RowWriter *writer, const CodecOrder *order, ColourSpace space, bool has_alpha, char *message) {
    writer->space = space;
    writer->has_alpha = has_alpha;
    if (order->profile_count == 0 && order->gamma == 0) {
        return;
    }
    writer->context = cmsCreateContext(NULL, NULL);
    if (writer->context == NULL) {
        say(message, "there is no memory to read it");
        return;
    }
    cmsHPROFILE source = order->profile_count > 0
                             ? cmsOpenProfileFromMemTHR(writer->context, order->profile,
                                                        (cmsUInt32Number)order->profile_count)
                             : gamma_profile(writer->context, order->gamma);
    if (source == NULL) {
        say(message, "it is no colour profile");
        return;
    }
    open_transform(writer, source, message);
    cmsCloseProfile(source);
}

static inline uint8_t over_white(unsigned colour, unsigned alpha) {
    return (uint8_t)((colour * alpha + 255 * (255 - alpha) + 127) / 255);
}

// `colours` advances by `step` samples a pixel: 4 along the row itself, 3 along what a transform made of it.
static void lay_over_white(const uint8_t *colours, size_t step, const uint8_t *row, uint8_t *rgb, uint32_t width) {
    for (uint32_t x = 0; x < width; ++x, colours += step, row += 4, rgb += 3) {
        rgb[0] = over_white(colours[0], row[3]);
        rgb[1] = over_white(colours[1], row[3]);
        rgb[2] = over_white(colours[2], row[3]);
    }
}

// Every four-colour JPEG met in practice follows Adobe and stores 255 - ink, and viewers read all of them so:
// then red = cyan · black / 255.
static void write_plain_inks(const uint8_t *ink, uint8_t *rgb, uint32_t width) {
    for (uint32_t x = 0; x < width; ++x, ink += 4, rgb += 3) {
        unsigned black = ink[3];
        rgb[0] = (uint8_t)((ink[0] * black + 127) / 255);
        rgb[1] = (uint8_t)((ink[1] * black + 127) / 255);
        rgb[2] = (uint8_t)((ink[2] * black + 127) / 255);
    }
}

void row_writer_write(const RowWriter *writer, const uint8_t *row, uint8_t *rgb, uint32_t width) {
    bool converts = writer->transform != NULL;
    if (converts) {
        cmsDoTransform(writer->transform, row, rgb, width);
    }
    if (writer->has_alpha) {
        lay_over_white(converts ? rgb : row, converts ? 3 : 4, row, rgb, width);
    } else if (!converts && writer->space == ColourSpaceInks) {
        write_plain_inks(row, rgb, width);
    } else if (!converts && row != rgb) {
        memcpy(rgb, row, (size_t)width * 3);
    }
}

void row_writer_close(RowWriter *writer) {
    if (writer->transform != NULL) {
        cmsDeleteTransform(writer->transform);
    }
    if (writer->context != NULL) {
        cmsDeleteContext(writer->context);
    }
    *writer = (RowWriter){0};
}

void codec_rows_convert(const uint8_t *rows, size_t stride, bool has_alpha, const CodecOrder *order, uint8_t *rgb,
                        char *message) {
    RowWriter writer = {0};
    message[0] = '\0';
    row_writer_open(&writer, order, ColourSpaceRGB, has_alpha, message);
    for (uint32_t y = 0; y < order->height; ++y) {
        row_writer_write(&writer, rows + y * stride, rgb + (size_t)y * order->width * 3, order->width);
    }
    row_writer_close(&writer);
}
