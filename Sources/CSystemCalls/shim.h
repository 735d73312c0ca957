// What Swift's view of the C library lacks.
#pragma once
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <malloc.h>
#include <sys/syscall.h>
#include <unistd.h>

// Opens a path that never leaves the folder `root`, whatever `..`, absolute paths and links it has; -1 with errno.
static inline int nasd_open_beneath(int root, const char *path, int flags) {
    struct open_how how = {
        .flags = (unsigned long long)flags | O_CLOEXEC,
        .resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS,
    };
    return (int)syscall(SYS_openat2, root, path, &how, sizeof how);
}

// Gives free pages of the heap back to the system.
static inline void nasd_release_free_memory(void) { malloc_trim(0); }
