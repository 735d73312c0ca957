#include "ckernels.h"

#include <strings.h>

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

int nk_has_core(const char *name) {
    // The kernels that the names stand for, from OpenBLAS's list of its targets; the rest is content with SSE3.
    static const struct {
        const char *name;
        enum { avx, avx2, avx512, bfloat, fma4 } needs;
    } cores[] = {
        {"Sandybridge", avx}, {"Haswell", avx2},      {"Zen", avx2},           {"SkylakeX", avx512},
        {"Cooperlake", bfloat}, {"SapphireRapids", bfloat}, {"Bulldozer", fma4}, {"Piledriver", fma4},
        {"Steamroller", fma4},  {"Excavator", fma4},
    };
    __builtin_cpu_init();
    for (size_t i = 0; i < sizeof cores / sizeof *cores; i++) {
        if (strcasecmp(name, cores[i].name) != 0) continue;
        switch (cores[i].needs) {
        case avx: return __builtin_cpu_supports("avx") != 0;
        case avx2: return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
        case avx512: return has_avx512();
        case bfloat: return has_avx512() && __builtin_cpu_supports("avx512bf16");
        case fma4: return __builtin_cpu_supports("avx") && __builtin_cpu_supports("fma4");
        }
    }
    return 1;
}

const nk_kernels *nk_kernels_for(nk_path path) {
    nk_path best = nk_best_path();
    if (path > best) path = best;
    return path == nk_path_avx512 ? &nk_avx512_table : path == nk_path_avx2 ? &nk_avx2_table : &nk_plain_table;
}
#else
nk_path nk_best_path(void) { return nk_path_plain; }
int nk_has_core(const char *name) {
    (void)name;
    return 1;
}
const nk_kernels *nk_kernels_for(nk_path path) {
    (void)path;
    return &nk_plain_table;
}
#endif
