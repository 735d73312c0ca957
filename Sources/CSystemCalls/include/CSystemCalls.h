// What Swift's view of the C library lacks.
#pragma once
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/openat2.h>
#include <malloc.h>
#include <poll.h>
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

// Opens a file without a name in a folder, for reading and writing; -1 with errno where the file system has none.
static inline int nasd_open_nameless(const char *folder) {
    // O_TMPFILE, which Swift does not see in <fcntl.h>.
    return open(folder, 020000000 | O_DIRECTORY | O_RDWR | O_CLOEXEC, 0600);
}

// Exchanges two files or folders of one file system in one step; -1 with errno.
int nasd_exchange(const char *one, const char *other);

// Opens /dev/null for each of the three standard streams that is closed, so that no other file gets its number; on
// standard output for reading, so that whoever writes data there hears of the loss.
static inline void nasd_open_standard_streams(void) {
    for (int fd = 0; fd <= 2; fd++)
        if (fcntl(fd, F_GETFD) == -1 && errno == EBADF) open("/dev/null", fd == 1 ? O_RDONLY : O_RDWR);
}

// Notes of faults, in faults.c.

// Has every fault of this process (SIGILL, SIGTRAP, SIGABRT, SIGBUS, SIGSEGV) written to a file that stays open: a line
// "SIGNAL RUN STEP" for the run of the thread that failed; for every run, where the signal was sent from outside; and
// "SIGNAL - -" for a thread of no run. The process then ends by the signal.
void nasd_watch_faults(int fd);

// Has the calling thread take signals of faults, which whoever started the program may have blocked.
void nasd_take_faults(void);

// Gives a run a place in the notes; -1 where there is none left. The id has at most 15 characters.
int nasd_begin_run(const char *id);

// The calling thread works for the run of a place from here on; -1 for none.
void nasd_enter_run(int place);

// Notes the step of the run of a place.
void nasd_note_step(int place, long step);

// Takes the run of a place out of the notes.
void nasd_end_run(int place);

// The calling thread gives way to others that want a processor, from here on.
void nasd_give_way(void);

// Starts a thread that nobody waits for; 0, or what went wrong.
int nasd_start_thread(size_t stack_bytes, void *(*body)(void *), void *argument);

// Names the calling thread for debuggers; at most 15 bytes.
void nasd_name_thread(const char *name);

// Writes all of it; 0, or what went wrong.
static inline int nasd_write_all(int fd, const void *bytes, size_t count) {
    const char *next = (const char *)bytes;
    while (count > 0) {
        ssize_t written = write(fd, next, count);
        if (written < 0 && errno == EINTR) continue;
        // Whoever made the stream may have made it one that does not wait.
        if (written < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) {
            struct pollfd room = {.fd = fd, .events = POLLOUT};
            if (poll(&room, 1, -1) >= 0 || errno == EINTR) continue;
        }
        if (written <= 0) return written < 0 ? errno : EIO;
        next += written;
        count -= (size_t)written;
    }
    return 0;
}

// Lets this process have as many descriptors as the system permits; how many that are.
long nasd_raise_descriptor_limit(void);

// The most address space that this process may have, in bytes; the largest number where there is no limit.
long nasd_address_space_limit(void);

// Has the C library keep one heap, where address space is limited: every thread would reserve one of its own.
static inline void nasd_spare_address_space(void) {
    if (nasd_address_space_limit() < LONG_MAX) mallopt(M_ARENA_MAX, 1);
}

// Gives free pages of the heap back to the system.
static inline void nasd_release_free_memory(void) { malloc_trim(0); }
