// The one place that sees dlib, which is C++ and throws. Empty unless the trait Faces asks for it.

#ifdef LIMNER_FACES

#include "faces.h"

#include <cstring>
#include <dlib/image_processing/frontal_face_detector.h>

int limner_faces(const uint8_t *gray, long width, long height) {
    try {
        // Reading the weights takes a moment; a detector keeps its pyramid between calls, so each thread has its own.
        thread_local dlib::frontal_face_detector detector = dlib::get_frontal_face_detector();
        dlib::array2d<unsigned char> picture(height, width);
        for (long row = 0; row < height; row++) std::memcpy(&picture[row][0], gray + row * width, width);
        return static_cast<int>(detector(picture).size());
    } catch (...) {
        return -1;
    }
}

#endif
