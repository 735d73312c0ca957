#include "ckernels.h"

extern const nk_kernels nk_plain_table;

#if defined(__x86_64__)
extern const nk_kernels nk_avx2_table, nk_avx512_table;

static int has_avx512(void) {
    return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
           __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl") &&
           __builtin_cpu_supports("avx512cd");
}

nk_path nk_best_path(void) {
    __builtin_cpu_init();
    if (has_avx512()) return nk_path_avx512;
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) return nk_path_avx2;
    return nk_path_plain;
}

const nk_kernels *nk_kernels_for(nk_path path) {
    nk_path best = nk_best_path();
    if (path > best) path = best;
    return path == nk_path_avx512 ? &nk_avx512_table : path == nk_path_avx2 ? &nk_avx2_table : &nk_plain_table;
}
#else
nk_path nk_best_path(void) { return nk_path_plain; }
const nk_kernels *nk_kernels_for(nk_path path) {
    (void)path;
    return &nk_plain_table;
}
#endif
