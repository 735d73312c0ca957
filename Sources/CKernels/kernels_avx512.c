#include "ckernels.h"

#if defined(__x86_64__)
#include <immintrin.h>
#pragma clang attribute push(__attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,avx512cd,fma"))), apply_to = function)
#define WIDTH 16
#define NAME(x) nk_avx512_##x
#include "kernels.inc"
#pragma clang attribute pop
#endif
