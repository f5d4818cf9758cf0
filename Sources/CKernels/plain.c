// The kernels for any CPU: no instruction set beyond the platform's baseline.
#define LIMNER_TABLE limner_kernels_plain
#define LIMNER_NAME "plain"
#include "kernels.h"
