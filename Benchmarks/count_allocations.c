// Counts the allocations of a whole process: LD_PRELOAD=./count_allocations.so nasd bench --steps N
//
// Two runs that differ only in N tell what the steps in between cost; Benchmarks/allocations does so.
// build: cc -O2 -shared -fPIC -o count_allocations.so count_allocations.c
#define _GNU_SOURCE
#include <stdatomic.h>
#include <stddef.h>
#include <stdio.h>
#include <unistd.h>

extern void *__libc_malloc(size_t);
extern void *__libc_calloc(size_t, size_t);
extern void *__libc_realloc(void *, size_t);
extern void *__libc_memalign(size_t, size_t);

static atomic_ulong calls, large;
enum { large_bytes = 1 << 16 };

static void count(size_t size) {
    atomic_fetch_add_explicit(&calls, 1, memory_order_relaxed);
    if (size >= large_bytes) atomic_fetch_add_explicit(&large, 1, memory_order_relaxed);
}
void *malloc(size_t size) {
    count(size);
    return __libc_malloc(size);
}
void *calloc(size_t n, size_t size) {
    count(n * size);
    return __libc_calloc(n, size);
}
void *realloc(void *p, size_t size) {
    count(size);
    return __libc_realloc(p, size);
}
void *memalign(size_t alignment, size_t size) {
    count(size);
    return __libc_memalign(alignment, size);
}
void *aligned_alloc(size_t alignment, size_t size) {
    count(size);
    return __libc_memalign(alignment, size);
}
int posix_memalign(void **p, size_t alignment, size_t size) {
    count(size);
    *p = __libc_memalign(alignment, size);
    return *p ? 0 : 12;
}
__attribute__((destructor)) static void report(void) {
    char text[96];
    int n = snprintf(text, sizeof text, "allocations %lu large %lu\n", (unsigned long)calls, (unsigned long)large);
    if (n > 0 && write(2, text, (size_t)n) < 0) return;
}
