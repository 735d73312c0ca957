#include "ckernels.h"

#if defined(__x86_64__)
#pragma clang attribute push(__attribute__((target("avx2,fma"))), apply_to = function)
#define WIDTH 8
#define NAME(x) nk_avx2_##x
#include "kernels.inc"
#pragma clang attribute pop
#endif
