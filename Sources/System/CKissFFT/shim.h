// KISS FFT in single precision, as Debian's libkissfft-dev installs it.
#define kiss_fft_scalar float
#define KISS_FFT_SHARED
#include <kissfft/kiss_fft.h>
#include <kissfft/kiss_fftnd.h>
