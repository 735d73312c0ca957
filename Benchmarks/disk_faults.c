// A disk that fails, for Benchmarks/disk_faults: LD_PRELOAD=./disk_faults.so DISK_FAULTS_FOLDER=DIR … nasd run …
//
// Counts, in order and over all threads, the operations under DIR that change the disk (creating opens, mkdir, writes,
// syncs, truncations, renames, removals, links) and those that read it (other opens, opendir, reads), each with
// a counter of its own; memory maps are not seen, nor what stdio does after fopen. One of them can be made to go wrong:
//   DISK_FAULTS_ACT    kill    SIGKILL before operation AT
//                      torn    half of operation AT, a write, and SIGKILL
//                      fail    operation AT fails with ERRNO
//                      window  every operation fails with ERRNO from AT on for FOR milliseconds
//                      read    reading operations AT to AT + FOR - 1 fail with ERRNO; with OPENS=1 only opens do
//   DISK_FAULTS_NOTES  a file that is told of the operation at which it began, or of every one with DISK_FAULTS_TRACE=1:
//                      "c" or "r", number, microseconds since 1970, call, path
//   DISK_FAULTS_SHARED a file that counts for all processes of a group, as of a script; `kill` then ends the whole group
// build: cc -O2 -shared -fPIC -o disk_faults.so disk_faults.c
#include "watched_folder.h"
#include <dirent.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/mman.h>
#include <time.h>

enum kind { changes, writes, opens, reads };
enum { torn = -1 };
static enum { none, kill_act, torn_act, fail_act, window_act, read_act } act;
static unsigned long at, duration;
static int code, traces, opens_only, is_shared, notes = -1;
static struct counts {
    atomic_ulong changed, readings;
} own_counts, *counts = &own_counts;
static atomic_llong window_begin;

static long long now(void) {
    struct timespec t;
    clock_gettime(CLOCK_REALTIME, &t);
    return t.tv_sec * 1000000LL + t.tv_nsec / 1000;
}
static unsigned long number(const char *name) {
    const char *text = getenv(name);
    return text ? strtoul(text, NULL, 10) : 0;
}
static int is_active(void) {
    static atomic_int state;
    if (state == 0) {
        static const char *const acts[] = {"none", "kill", "torn", "fail", "window", "read"};
        const char *name = getenv("DISK_FAULTS_ACT"), *path = getenv("DISK_FAULTS_NOTES");
        for (int i = 0; name && i < 6; i++)
            if (!strcmp(name, acts[i])) act = i;
        at = number("DISK_FAULTS_AT");
        duration = number("DISK_FAULTS_FOR");
        code = (int)number("DISK_FAULTS_ERRNO");
        traces = (int)number("DISK_FAULTS_TRACE");
        opens_only = (int)number("DISK_FAULTS_OPENS");
        watch(getenv("DISK_FAULTS_FOLDER"));
        const char *shared = getenv("DISK_FAULTS_SHARED");
        int file = shared ? (int)syscall(SYS_openat, AT_FDCWD, shared, O_RDWR | O_CREAT | O_CLOEXEC, 0600) : -1;
        if (file >= 0 && syscall(SYS_ftruncate, file, sizeof *counts) == 0) {
            void *place = mmap(NULL, sizeof *counts, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
            is_shared = place != MAP_FAILED;
            if (is_shared) counts = place;
            syscall(SYS_close, file);
        }
        if (folder_length && path)
            notes = (int)syscall(SYS_openat, AT_FDCWD, path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
        state = folder_length ? 1 : 2;
    }
    return state == 1;
}
__attribute__((constructor)) static void begin(void) { is_active(); }

// MARK: What happens to it

static void note(char sort, unsigned long count, const char *call, const char *path) {
    char line[room];
    int length = snprintf(line, sizeof line, "%c %lu %lld %s %s\n", sort, count, now(), call, path);
    if (notes >= 0 && length > 0) syscall(SYS_write, notes, line, (size_t)length);
}
static void die(void) {
    for (;;) syscall(SYS_kill, is_shared ? 0 : getpid(), SIGKILL);
}
// Counts an operation: 0 to let it pass, `torn` to do half of it and die, else the error it fails with.
static int meet(enum kind kind, const char *call, const char *path) {
    int before = errno, isReading = kind == opens || kind == reads;
    unsigned long count = atomic_fetch_add(isReading ? &counts->readings : &counts->changed, 1) + 1;
    int answer = 0, isFirst = 0;
    if (isReading) {
        if (act == read_act && count >= at && count - at < duration && (kind == opens || !opens_only)) {
            answer = code;
            isFirst = count == at;
        }
    } else if (act == window_act && count >= at) {
        long long none_yet = 0, time = now();
        isFirst = atomic_compare_exchange_strong(&window_begin, &none_yet, time);
        if (time - window_begin < (long long)duration * 1000) answer = code;
    } else if (count == at && act != none && act != read_act && act != window_act) {
        answer = act == fail_act ? code : act == torn_act && kind == writes ? torn : 0;
        isFirst = answer || act == kill_act;
    }
    if (traces || isFirst) note(isReading ? 'r' : 'c', count, call, path);
    if (isFirst && act == kill_act) die();
    errno = before;
    return answer;
}
#define MEET_OR_FAIL(result, condition, kind, call) \
    char place[PATH_MAX]; \
    if (condition) { \
        int answer = meet(kind, call, place); \
        if (answer) { \
            errno = answer; \
            return result; \
        } \
    }

// MARK: Opening

static int open_at(int base, const char *path, int flags, mode_t mode) {
    int isCreating = flags & (O_CREAT | O_TRUNC) || (flags & O_TMPFILE) == O_TMPFILE;
    int isCounted = isCreating || (flags & O_ACCMODE) == O_RDONLY;
    MEET_OR_FAIL(-1, isCounted && has_path(base, path, place), isCreating ? changes : opens, "open")
    return (int)syscall(SYS_openat, base, path, flags, mode);
}
OPENS

#define MKSTEMP(name, parameters, arguments) \
    int name parameters { \
        NEXT(int, #name); \
        MEET_OR_FAIL(-1, has_path(AT_FDCWD, path, place), changes, "mkstemp") \
        return next arguments; \
    }
MKSTEMP(mkstemp, (char *path), (path))
MKSTEMP(mkstemp64, (char *path), (path))
MKSTEMP(mkostemp, (char *path, int flags), (path, flags))
MKSTEMP(mkostemp64, (char *path, int flags), (path, flags))
MKSTEMP(mkstemps, (char *path, int suffix), (path, suffix))
DIR *opendir(const char *path) {
    NEXT(DIR *, "opendir");
    MEET_OR_FAIL(NULL, has_path(AT_FDCWD, path, place), opens, "opendir")
    return next(path);
}
#define FOPEN(name) \
    FILE *name(const char *path, const char *mode) { \
        NEXT(FILE *, #name); \
        MEET_OR_FAIL(NULL, has_path(AT_FDCWD, path, place), strpbrk(mode, "wa") ? changes : opens, "fopen") \
        return next(path, mode); \
    }
FOPEN(fopen)
FOPEN(fopen64)

// MARK: Reading

#define READ(name, parameters, call, ...) \
    ssize_t name parameters { \
        MEET_OR_FAIL(-1, has_descriptor(descriptor, place), reads, #call) \
        return syscall(SYS_##call, descriptor, __VA_ARGS__); \
    }
READ(read, (int descriptor, void *bytes, size_t count), read, bytes, count)
READ(pread, (int descriptor, void *bytes, size_t count, off_t offset), pread64, bytes, count, offset)
READ(pread64, (int descriptor, void *bytes, size_t count, off_t offset), pread64, bytes, count, offset)
READ(readv, (int descriptor, const struct iovec *parts, int count), readv, parts, count)
ssize_t __read_chk(int descriptor, void *bytes, size_t count, size_t size) {
    return size < count ? (abort(), -1) : read(descriptor, bytes, count);
}
ssize_t __pread_chk(int descriptor, void *bytes, size_t count, off_t offset, size_t size) {
    return size < count ? (abort(), -1) : pread(descriptor, bytes, count, offset);
}
ssize_t __pread64_chk(int descriptor, void *bytes, size_t count, off_t offset, size_t size) {
    return size < count ? (abort(), -1) : pread(descriptor, bytes, count, offset);
}

// MARK: Writing

// A write that may be torn: `whole` does it all, `half` what is on the disk when the machine stops in it.
#define WRITE(name, parameters, call, whole, half) \
    ssize_t name parameters { \
        char place[PATH_MAX]; \
        if (has_descriptor(descriptor, place)) { \
            int answer = meet(writes, #call, place); \
            if (answer == torn) { \
                half; \
                die(); \
            } else if (answer) { \
                errno = answer; \
                return -1; \
            } \
        } \
        return whole; \
    }
WRITE(write, (BYTES), write, syscall(SYS_write, descriptor, bytes, count),
      syscall(SYS_write, descriptor, bytes, count / 2))
WRITE(pwrite, (BYTES, off_t offset), pwrite, syscall(SYS_pwrite64, descriptor, bytes, count, offset),
      syscall(SYS_pwrite64, descriptor, bytes, count / 2, offset))
WRITE(pwrite64, (BYTES, off_t offset), pwrite, syscall(SYS_pwrite64, descriptor, bytes, count, offset),
      syscall(SYS_pwrite64, descriptor, bytes, count / 2, offset))
#define FIRST_HALF (parts[0].iov_len + 1) / 2
WRITE(writev, (PARTS), writev, syscall(SYS_writev, descriptor, parts, count),
      if (count > 0) syscall(SYS_write, descriptor, parts[0].iov_base, FIRST_HALF))
WRITE(pwritev, (PARTS, off_t offset), pwritev, syscall(SYS_pwritev, descriptor, parts, count, offset, 0L),
      if (count > 0) syscall(SYS_pwrite64, descriptor, parts[0].iov_base, FIRST_HALF, offset))
WRITE(pwritev64, (PARTS, off_t offset), pwritev, syscall(SYS_pwritev, descriptor, parts, count, offset, 0L),
      if (count > 0) syscall(SYS_pwrite64, descriptor, parts[0].iov_base, FIRST_HALF, offset))

// MARK: All else

#define CHANGE_OF_FILE(name, parameters, call, ...) \
    int name parameters { \
        MEET_OR_FAIL(-1, has_descriptor(descriptor, place), changes, #call) \
        return (int)syscall(SYS_##call, __VA_ARGS__); \
    }
CHANGE_OF_FILE(fsync, (int descriptor), fsync, descriptor)
CHANGE_OF_FILE(fdatasync, (int descriptor), fdatasync, descriptor)
CHANGE_OF_FILE(ftruncate, (int descriptor, off_t size), ftruncate, descriptor, size)
CHANGE_OF_FILE(ftruncate64, (int descriptor, off_t size), ftruncate, descriptor, size)
CHANGE_OF_FILE(fallocate, (int descriptor, int mode, off_t offset, off_t size), fallocate,
               descriptor, mode, offset, size)
CHANGE_OF_FILE(fallocate64, (int descriptor, int mode, off_t offset, off_t size), fallocate,
               descriptor, mode, offset, size)

#define CHANGE_OF_NAME(name, parameters, base, path, call, ...) \
    int name parameters { \
        MEET_OR_FAIL(-1, has_path(base, path, place), changes, #name) \
        return (int)syscall(SYS_##call, __VA_ARGS__); \
    }
CHANGE_OF_NAME(truncate, (const char *path, off_t size), HERE, path, truncate, path, size)
CHANGE_OF_NAME(truncate64, (const char *path, off_t size), HERE, path, truncate, path, size)
CHANGE_OF_NAME(mkdir, (const char *path, mode_t mode), HERE, path, mkdirat, HERE, path, mode)
CHANGE_OF_NAME(mkdirat, (int base, const char *path, mode_t mode), base, path, mkdirat, base, path, mode)
CHANGE_OF_NAME(unlink, (const char *path), HERE, path, unlinkat, HERE, path, 0)
CHANGE_OF_NAME(unlinkat, (int base, const char *path, int flags), base, path, unlinkat, base, path, flags)
CHANGE_OF_NAME(rmdir, (const char *path), HERE, path, unlinkat, HERE, path, AT_REMOVEDIR)
CHANGE_OF_NAME(rename, (const char *old, const char *new), HERE, new, renameat2, HERE, old, HERE, new, 0)
CHANGE_OF_NAME(renameat, (int from, const char *old, int to, const char *new), to, new, renameat2, from, old, to, new, 0)
CHANGE_OF_NAME(renameat2, (int from, const char *old, int to, const char *new, unsigned flags), to, new, renameat2, from,
               old, to, new, flags)
CHANGE_OF_NAME(link, (const char *old, const char *new), HERE, new, linkat, HERE, old, HERE, new, 0)
CHANGE_OF_NAME(linkat, (int from, const char *old, int to, const char *new, int flags), to, new, linkat, from, old, to,
               new, flags)
CHANGE_OF_NAME(symlink, (const char *target, const char *path), HERE, path, symlinkat, target, HERE, path)
int remove(const char *path) {
    MEET_OR_FAIL(-1, has_path(AT_FDCWD, path, place), changes, "remove")
    int answer = (int)syscall(SYS_unlinkat, AT_FDCWD, path, 0);
    return answer && errno == EISDIR ? (int)syscall(SYS_unlinkat, AT_FDCWD, path, AT_REMOVEDIR) : answer;
}
