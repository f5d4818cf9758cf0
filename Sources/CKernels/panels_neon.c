// Panels of F32 for ARM CPUs of 64 bits, all of which have NEON.
#include "Panels.h"
#if defined(__aarch64__)
#include <string.h>
#define LIMNER_AVX512 0
#include "panels_f32.h"
const limner_panels limner_panels_neon = PANELS("neon");
#endif
