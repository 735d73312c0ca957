#include "ckernels.h"


#define WIDTH 4
#define NAME(x) nk_plain_##x
#include "kernels.inc"

