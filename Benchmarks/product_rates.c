// Times matrix products of one build of the kernels or several, in alternation: product_rates LIBRARY.so…
//
// Shapes are those of the largest vit-cifar, vit-mnist and their attentions, 8 images together. Prints GFLOP/s of one core,
// the best of many short calls, beside the rate of plain multiply-adds in registers.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "ckernels.h"

#define MOST_BUILDS 8
#define ROUNDS 200

typedef const nk_kernels *(*kernels_for)(nk_path);

// name, rows, columns, depth, whether a and b are transposed, whether c is added to, strides (0: as wide as the matrix)
static const struct shape {
    const char *name;
    int rows, columns, depth, transpose_a, transpose_b, accumulate, a_stride, b_stride, c_stride;
} shapes[] = {
    {"cifar projection", 520, 192, 192, 0, 1, 0, 0, 0, 0},
    {"cifar MLP 1", 520, 768, 192, 0, 1, 0, 0, 0, 0},
    {"cifar MLP 2", 520, 192, 768, 0, 1, 0, 0, 0, 0},
    {"cifar MLP 1 weights", 768, 192, 520, 1, 0, 1, 0, 0, 0},
    {"cifar MLP 2 weights", 192, 768, 520, 1, 0, 1, 0, 0, 0},
    {"cifar projection weights", 192, 192, 520, 1, 0, 1, 0, 0, 0},
    {"cifar MLP 1 input", 520, 192, 768, 0, 0, 0, 0, 0, 0},
    {"cifar MLP 2 input", 520, 768, 192, 0, 0, 0, 0, 0, 0},
    {"cifar scores", 65, 65, 32, 0, 1, 0, 192, 192, 80},
    {"cifar mean of values", 65, 32, 65, 0, 0, 0, 80, 192, 192},
    {"mnist MLP 1", 400, 512, 128, 0, 1, 0, 0, 0, 0},
    {"mnist MLP 2", 400, 128, 512, 0, 1, 0, 0, 0, 0},
    {"mnist MLP 1 weights", 512, 128, 400, 1, 0, 1, 0, 0, 0},
    {"mnist scores", 50, 50, 32, 0, 1, 0, 128, 128, 64},
    {"mnist mean of values", 50, 32, 50, 0, 0, 0, 64, 128, 128},
};

static double seconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

// As many independent sums as hide a multiply-add's latency; compiled for the machine it runs on.
static double register_rate(void) {
    enum { sums = 12, lanes = 16, steps = 20000 };
    typedef float vector __attribute__((vector_size(64)));
    vector total[sums], factor, step;
    for (int i = 0; i < lanes; i++) factor[i] = 1.0000001f, step[i] = 1e-9f;
    for (int s = 0; s < sums; s++) total[s] = step * (float)s;
    const double start = seconds();
    for (int n = 0; n < steps; n++) {
#pragma clang loop unroll(full)
        for (int s = 0; s < sums; s++) total[s] = total[s] * factor + step;
        __asm__ volatile("" ::: "memory");
    }
    const double time = seconds() - start;
    volatile float sink = 0;
    for (int s = 0; s < sums; s++) sink += total[s][0];
    return 2.0 * sums * lanes * steps / time * 1e-9;
}

static void multiply(const nk_kernels *kernels, const struct shape *s, const float *a, const float *b, float *c) {
    const size_t a_stride = s->a_stride ? s->a_stride : s->transpose_a ? s->rows : s->depth;
    const size_t b_stride = s->b_stride ? s->b_stride : s->transpose_b ? s->depth : s->columns;
    kernels->multiply(s->rows, s->columns, s->depth, a, s->transpose_a ? 1 : a_stride, s->transpose_a ? a_stride : 1, b,
                      s->transpose_b ? 1 : b_stride, s->transpose_b ? b_stride : 1, NULL, s->accumulate, c,
                      s->c_stride ? s->c_stride : s->columns);
}

int main(int count, char **names) {
    const int builds = count - 1;
    const nk_kernels *kernels[MOST_BUILDS];
    if (builds < 1 || builds > MOST_BUILDS) return fprintf(stderr, "usage: product_rates LIBRARY.so…\n"), 2;
    for (int i = 0; i < builds; i++) {
        void *library = dlmopen(LM_ID_NEWLM, names[i + 1], RTLD_NOW);
        kernels_for best = library ? (kernels_for)dlsym(library, "nk_kernels_for") : NULL;
        if (!best) return fprintf(stderr, "%s\n", dlerror()), 1;
        kernels[i] = best(nk_path_avx512);
    }
    // Several matrices of each kind in turn, as a network has them.
    enum { copies = 4, size = 768 * 768 };
    float *a = aligned_alloc(64, copies * size * sizeof(float)), *b = aligned_alloc(64, copies * size * sizeof(float));
    float *c = aligned_alloc(64, copies * size * sizeof(float));
    if (!a || !b || !c) return 1;
    for (int i = 0; i < copies * size; i++) a[i] = (float)(i % 17) / 16 - 0.5f, b[i] = (float)(i % 13) / 16 - 0.4f, c[i] = 0;
    printf("%-26s %10s", "GFLOP/s of one core", "registers");
    for (int i = 0; i < builds; i++) printf(" %10.10s", strrchr(names[i + 1], '/') ? strrchr(names[i + 1], '/') + 1 : names[i + 1]);
    printf("\n");
    for (size_t k = 0; k < sizeof shapes / sizeof *shapes; k++) {
        const struct shape *s = &shapes[k];
        const double work = 2e-9 * s->rows * s->columns * s->depth;
        const int repeats = work > 0.02 ? 1 : 1 + (int)(0.005 / work);
        double peak = 0, best[MOST_BUILDS] = {0};
        for (int round = 0; round < ROUNDS; round++) {
            peak = fmax(peak, register_rate());
            for (int turn = 0; turn < builds; turn++) {
                const int build = (turn + round) % builds;
                double start = 0;
                // The first call only warms the caches.
                for (int repeat = -1; repeat < repeats; repeat++) {
                    const size_t at = (size_t)(repeat + 1 + round) % copies * size;
                    if (repeat == 0) start = seconds();
                    multiply(kernels[build], s, a + at, b + at, c + at);
                }
                best[build] = fmax(best[build], work * repeats / (seconds() - start));
            }
        }
        printf("%-26s %10.1f", s->name, peak);
        for (int i = 0; i < builds; i++) printf(" %10.1f", best[i]);
        printf("\n");
        fflush(stdout);
    }
    return 0;
}
