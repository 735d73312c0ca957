// Whether an operation of a program is in the folder that is watched: for disk_faults.c and power_loss.c, each a library in
// front of libc.
#ifndef WATCHED_FOLDER_H
#define WATCHED_FOLDER_H
#define _GNU_SOURCE
#undef _FORTIFY_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

enum { room = 2 * PATH_MAX };
static char folder[PATH_MAX];
static size_t folder_length;

// Whether anything is watched, which whoever includes this reads from its environment once.
static int is_active(void);
static void watch(const char *path) {
    snprintf(folder, sizeof folder, "%s", path ? path : "");
    folder_length = strlen(folder);
}

static int is_inside(const char *path) {
    return !strncmp(path, folder, folder_length) && (path[folder_length] == 0 || path[folder_length] == '/');
}
static int link_of(int descriptor, char *out) {
    char name[40];
    snprintf(name, sizeof name, "/proc/self/fd/%d", descriptor);
    long length = syscall(SYS_readlinkat, AT_FDCWD, name, out, PATH_MAX - 1);
    out[length < 0 ? 0 : length] = 0;
    return length > 0 && out[0] == '/';
}
// Whether a descriptor's file lies in the folder, deleted or without a name as it may be.
static int has_descriptor(int descriptor, char *out) {
    if (!is_active()) return 0;
    int before = errno, found = link_of(descriptor, out) && is_inside(out);
    errno = before;
    return found;
}
// Whether a path lies in the folder; `.`, `..` and doubled slashes are taken out by name.
static int has_path(int base, const char *path, char *out) {
    if (!is_active() || !path || !*path) return 0;
    int before = errno;
    char whole[room];
    size_t length = 0;
    if (path[0] != '/') {
        if (base == AT_FDCWD ? syscall(SYS_getcwd, whole, PATH_MAX) < 0 : !link_of(base, whole)) whole[0] = 0;
        length = strlen(whole);
    }
    snprintf(whole + length, sizeof whole - length, "/%s", path);
    char *end = out;
    for (const char *part = whole; *part;) {
        while (*part == '/') part++;
        size_t size = strcspn(part, "/");
        if (size == 2 && !strncmp(part, "..", 2)) {
            while (end > out && *--end != '/') {}
        } else if (size > 0 && !(size == 1 && *part == '.')) {
            if ((size_t)(end - out) + size + 2 > PATH_MAX) break;
            *end++ = '/';
            memcpy(end, part, size);
            end += size;
        }
        part += size;
    }
    *end = 0;
    errno = before;
    return is_inside(out);
}

// The C library opens for these by itself, and its inner calls cannot be met.
#define NEXT(type, name) \
    static type (*next)(); \
    if (!next) next = (type(*)())dlsym(RTLD_NEXT, name)
#define MODE \
    mode_t mode = 0; \
    if (flags & O_CREAT || (flags & O_TMPFILE) == O_TMPFILE) { \
        va_list list; \
        va_start(list, flags); \
        mode = va_arg(list, mode_t); \
        va_end(list); \
    }
// All names of open, by `open_at(base, path, flags, mode)`.
#define OPEN(name) \
    int name(const char *path, int flags, ...) { MODE return open_at(AT_FDCWD, path, flags, mode); }
#define OPEN_AT(name) \
    int name(int base, const char *path, int flags, ...) { MODE return open_at(base, path, flags, mode); }
#define OPENS \
    OPEN(open) \
    OPEN(open64) \
    OPEN_AT(openat) \
    OPEN_AT(openat64) \
    int __open_2(const char *path, int flags) { return open_at(AT_FDCWD, path, flags, 0); } \
    int __open64_2(const char *path, int flags) { return open_at(AT_FDCWD, path, flags, 0); } \
    int __openat_2(int base, const char *path, int flags) { return open_at(base, path, flags, 0); } \
    int __openat64_2(int base, const char *path, int flags) { return open_at(base, path, flags, 0); } \
    int creat(const char *path, mode_t mode) { return open_at(AT_FDCWD, path, O_CREAT | O_WRONLY | O_TRUNC, mode); } \
    int creat64(const char *path, mode_t mode) { return creat(path, mode); }
#define BYTES int descriptor, const void *bytes, size_t count
#define PARTS int descriptor, const struct iovec *parts, int count
#define HERE AT_FDCWD

#endif
