#ifndef LIMNER_FACES_H
#define LIMNER_FACES_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

// How many faces, seen from the front, upright and about 80 pixels or more across, a grey picture shows: dlib's detector,
// a linear classifier over histograms of gradients whose weights are part of the library. `gray` has a byte for each of
// width × height pixels, rows from the top. -1 when memory is out. May be called from several threads at once.
// Not there in a build without the trait Faces.
int limner_faces(const uint8_t *gray, long width, long height);

#ifdef __cplusplus
}
#endif

#endif
