// What a program does to a disk and says to others, in order, for Benchmarks/power_loss:
// LD_PRELOAD=./power_loss.so POWER_LOSS_FOLDER=DIR POWER_LOSS_RECORD=FILE … nasd run …
//
// Each operation under DIR that changes the disk is done and recorded under one lock, over threads and processes, so that
// the record has the order in which the disk saw them: creations, writes, sizes, syncs (of files and of folders), renames,
// links and removals, with all bytes. So is what is written to sockets, standard output and standard error: what was said
// when. Memory maps are not seen, nor what stdio does after fopen.
// A record is a line "NAME inode offset count" and so many bytes; paths are bytes, two of them with a zero between.
// build: cc -O2 -shared -fPIC -o power_loss.so power_loss.c
#include "watched_folder.h"
#include <pthread.h>
#include <sys/file.h>
#include <sys/socket.h>

enum { longest_saying = 1 << 16 };
static int record = -1;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static int is_active(void) {
    static int state;
    if (state == 0) {
        const char *path = getenv("POWER_LOSS_RECORD");
        watch(getenv("POWER_LOSS_FOLDER"));
        if (path && folder_length) {
            int low = (int)syscall(SYS_openat, AT_FDCWD, path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
            record = (int)syscall(SYS_fcntl, low, F_DUPFD_CLOEXEC, 200);
            syscall(SYS_close, low);
        }
        state = record >= 0 ? 1 : 2;
    }
    return state == 1;
}
__attribute__((constructor)) static void begin(void) { is_active(); }

static void enter(void) {
    pthread_mutex_lock(&lock);
    while (syscall(SYS_flock, record, LOCK_EX) != 0) {}
}
static void leave(void) {
    int code = errno;
    syscall(SYS_flock, record, LOCK_UN);
    pthread_mutex_unlock(&lock);
    errno = code;
}
static void note(const char *name, unsigned long inode, long offset, const struct iovec *parts, int count, size_t size) {
    char head[80];
    int code = errno, length = snprintf(head, sizeof head, "%s %lu %ld %zu\n", name, inode, offset, size);
    syscall(SYS_write, record, head, (size_t)length);
    for (int i = 0; i < count && size > 0; i++) {
        size_t own = parts[i].iov_len < size ? parts[i].iov_len : size;
        syscall(SYS_write, record, parts[i].iov_base, own);
        size -= own;
    }
    errno = code;
}
static void note_text(const char *name, unsigned long inode, const char *text) {
    struct iovec part = {(void *)text, strlen(text)};
    note(name, inode, 0, &part, 1, part.iov_len);
}
static void note_pair(const char *name, const char *one, const char *other) {
    struct iovec parts[] = {{(void *)one, strlen(one) + 1}, {(void *)other, strlen(other)}};
    note(name, 0, 0, parts, 2, parts[0].iov_len + parts[1].iov_len);
}
static struct stat status_of(int descriptor) {
    struct stat found = {0};
    syscall(SYS_fstat, descriptor, &found);
    return found;
}

// MARK: Making

static int open_at(int base, const char *path, int flags, mode_t mode) {
    char place[PATH_MAX];
    if (!(flags & (O_CREAT | O_TRUNC)) || !has_path(base, path, place))
        return (int)syscall(SYS_openat, base, path, flags, mode);
    enter();
    struct stat before;
    int was = syscall(SYS_newfstatat, base, path, &before, 0) == 0;
    int descriptor = (int)syscall(SYS_openat, base, path, flags, mode);
    if (descriptor >= 0 && !was) note_text("create", status_of(descriptor).st_ino, place);
    if (descriptor >= 0 && was && flags & O_TRUNC) note("size", before.st_ino, 0, NULL, 0, 0);
    leave();
    return descriptor;
}
OPENS

#define MKSTEMP(name, parameters, arguments) \
    int name parameters { \
        NEXT(int, #name); \
        char place[PATH_MAX]; \
        if (!has_path(AT_FDCWD, path, place)) return next arguments; \
        enter(); \
        int descriptor = next arguments; \
        if (descriptor >= 0 && has_path(AT_FDCWD, path, place)) \
            note_text("create", status_of(descriptor).st_ino, place); \
        leave(); \
        return descriptor; \
    }
MKSTEMP(mkstemp, (char *path), (path))
MKSTEMP(mkstemp64, (char *path), (path))
MKSTEMP(mkostemp, (char *path, int flags), (path, flags))
MKSTEMP(mkostemp64, (char *path, int flags), (path, flags))

int mkdirat(int base, const char *path, mode_t mode) {
    char place[PATH_MAX];
    if (!has_path(base, path, place)) return (int)syscall(SYS_mkdirat, base, path, mode);
    enter();
    int answer = (int)syscall(SYS_mkdirat, base, path, mode);
    struct stat made;
    if (answer == 0 && syscall(SYS_newfstatat, base, path, &made, 0) == 0) note_text("mkdir", made.st_ino, place);
    leave();
    return answer;
}
int mkdir(const char *path, mode_t mode) { return mkdirat(HERE, path, mode); }

// MARK: Writing

static int is_heard(int descriptor) {
    return descriptor == 1 || descriptor == 2 || (status_of(descriptor).st_mode & S_IFMT) == S_IFSOCK;
}
static void note_saying(int descriptor, const struct iovec *parts, int count, ssize_t done) {
    size_t size = done < longest_saying ? (size_t)done : longest_saying;
    if (done > 0) note("say", status_of(descriptor).st_ino, descriptor, parts, count, size);
}

// `offset` is where a write of the watched folder begins, or -1 for where the descriptor stands.
#define WRITE(name, parameters, where, vector, vectors, whole) \
    ssize_t name parameters { \
        char place[PATH_MAX]; \
        int is_inside = has_descriptor(descriptor, place); \
        if (!is_inside && !(is_active() && is_heard(descriptor))) return whole; \
        enter(); \
        long offset = where; \
        if (is_inside && offset < 0) \
            offset = syscall(SYS_fcntl, descriptor, F_GETFL) & O_APPEND ? status_of(descriptor).st_size \
                                                                        : syscall(SYS_lseek, descriptor, 0L, SEEK_CUR); \
        ssize_t done = whole; \
        if (!is_inside) note_saying(descriptor, vector, vectors, done); \
        else if (done > 0) note("write", status_of(descriptor).st_ino, offset, vector, vectors, (size_t)done); \
        leave(); \
        return done; \
    }
#define ONE (&(struct iovec){(void *)bytes, count})
WRITE(write, (BYTES), -1, ONE, 1, syscall(SYS_write, descriptor, bytes, count))
WRITE(pwrite, (BYTES, off_t at), at, ONE, 1, syscall(SYS_pwrite64, descriptor, bytes, count, at))
WRITE(pwrite64, (BYTES, off_t at), at, ONE, 1, syscall(SYS_pwrite64, descriptor, bytes, count, at))
WRITE(writev, (PARTS), -1, parts, count, syscall(SYS_writev, descriptor, parts, count))
WRITE(pwritev, (PARTS, off_t at), at, parts, count, syscall(SYS_pwritev, descriptor, parts, count, at, 0L))
WRITE(pwritev64, (PARTS, off_t at), at, parts, count, syscall(SYS_pwritev, descriptor, parts, count, at, 0L))
WRITE(send, (BYTES, int flags), -1, ONE, 1, syscall(SYS_sendto, descriptor, bytes, count, flags, NULL, 0))
WRITE(sendmsg, (int descriptor, const struct msghdr *message, int flags), -1, message->msg_iov, (int)message->msg_iovlen,
      syscall(SYS_sendmsg, descriptor, message, flags))

// MARK: Sizes and syncs

#define CHANGE_OF_FILE(name, parameters, what, call, ...) \
    int name parameters { \
        char place[PATH_MAX]; \
        if (!has_descriptor(descriptor, place)) return (int)syscall(SYS_##call, __VA_ARGS__); \
        enter(); \
        int answer = (int)syscall(SYS_##call, __VA_ARGS__); \
        struct stat now = status_of(descriptor); \
        if (answer == 0) note(what, now.st_ino, now.st_size, NULL, 0, 0); \
        leave(); \
        return answer; \
    }
CHANGE_OF_FILE(fsync, (int descriptor), "sync", fsync, descriptor)
CHANGE_OF_FILE(fdatasync, (int descriptor), "sync", fdatasync, descriptor)
CHANGE_OF_FILE(ftruncate, (int descriptor, off_t size), "size", ftruncate, descriptor, size)
CHANGE_OF_FILE(ftruncate64, (int descriptor, off_t size), "size", ftruncate, descriptor, size)
CHANGE_OF_FILE(fallocate, (int descriptor, int mode, off_t from, off_t size), "size", fallocate, descriptor, mode, from,
               size)
CHANGE_OF_FILE(fallocate64, (int descriptor, int mode, off_t from, off_t size), "size", fallocate, descriptor, mode, from,
               size)

// MARK: Names

int unlinkat(int base, const char *path, int flags) {
    char place[PATH_MAX];
    if (!has_path(base, path, place)) return (int)syscall(SYS_unlinkat, base, path, flags);
    enter();
    int answer = (int)syscall(SYS_unlinkat, base, path, flags);
    if (answer == 0) note_text("remove", 0, place);
    leave();
    return answer;
}
int unlink(const char *path) { return unlinkat(HERE, path, 0); }
int rmdir(const char *path) { return unlinkat(HERE, path, AT_REMOVEDIR); }
int remove(const char *path) {
    int answer = unlinkat(HERE, path, 0);
    return answer && errno == EISDIR ? unlinkat(HERE, path, AT_REMOVEDIR) : answer;
}

#define PAIR(name, parameters, from, to, what, ...) \
    int name parameters { \
        char one[PATH_MAX], other[PATH_MAX]; \
        int is_old = has_path(from, old, one), is_new = has_path(to, new, other); \
        if (!is_old && !is_new) return (int)syscall(__VA_ARGS__); \
        enter(); \
        int answer = (int)syscall(__VA_ARGS__); \
        if (answer == 0) note_pair(what, one, other); \
        leave(); \
        return answer; \
    }
PAIR(renameat2, (int from, const char *old, int to, const char *new, unsigned flags), from, to,
     flags & RENAME_EXCHANGE ? "exchange" : "rename", SYS_renameat2, from, old, to, new, flags)
PAIR(linkat, (int from, const char *old, int to, const char *new, int flags), from, to, "link", SYS_linkat, from, old, to,
     new, flags)
int rename(const char *old, const char *new) { return renameat2(HERE, old, HERE, new, 0); }
int renameat(int from, const char *old, int to, const char *new) { return renameat2(from, old, to, new, 0); }
int link(const char *old, const char *new) { return linkat(HERE, old, HERE, new, 0); }
