// What every decoder ends in: a row of whatever samples it has becomes a row of sRGB over white.

#ifndef LIMNER_CCODECS_COLOUR_H
#define LIMNER_CCODECS_COLOUR_H

#include "CCodecs.h"

/// What a picture's numbers stand for. Grey pictures come as triples of equal samples.
typedef enum ColourSpace { ColourSpaceGray, ColourSpaceRGB, ColourSpaceInks } ColourSpace;

/// Turns rows into sRGB. All zero, it stands for rows of sRGB without transparency.
typedef struct RowWriter {
    ColourSpace space;
    /// Whether a fourth sample is opacity; never with inks.
    bool has_alpha;
    /// lcms2's context and transform; NULL when the numbers are sRGB's already, or plain inks.
    void *context, *transform;
} RowWriter;

/// Prepares for rows of `space` as the order's profile or gamma says. What cannot be used is ignored, and
/// `message` says why; else it is left as it was.
void row_writer_open(RowWriter *writer, const CodecOrder *order, ColourSpace space, bool has_alpha, char *message);

/// Writes `width` pixels. `row` holds 3 samples a pixel, 4 with inks (cyan, magenta, yellow, black, each 255 − ink)
/// or alpha; it may be `rgb` itself when it holds 3.
void row_writer_write(const RowWriter *writer, const uint8_t *row, uint8_t *rgb, uint32_t width);

void row_writer_close(RowWriter *writer);

#endif
