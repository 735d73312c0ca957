// What Swift's view of the C library lacks.
#pragma once
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/openat2.h>
#include <malloc.h>
#include <poll.h>
#include <sys/syscall.h>
#include <sys/types.h>
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

// The processors that the calling thread may run on, the first `most` of them by number; how many there are, or -1 with errno.
int nasd_allowed_processors(int *processors, int most);

// Has the calling thread run on these processors alone, from here on; 0, or what went wrong.
int nasd_allow_processors(const int *processors, int count);

// Processes of slots, in processes.c.

// Starts a program in a session of its own, with signals as at the start of a program, and these descriptors as its 0, 1, 2, …
// and no other; its id, or -1 with errno. The descriptors have numbers above `count`.
pid_t nasd_spawn(
    const char *program, char *const argv[], char *const environment[], const int *descriptors, int count);

// Makes a pipe with numbers of 16 and above, closed in programs that are started; the end at a place (0 reads, 1 writes) does not wait.
int nasd_pipe(int ends[2], int place);

// When a process was started, in ticks since the machine was; 0 where there is none of that id.
unsigned long long nasd_process_start(pid_t pid);

// Kills every process that was started with a variable such as "NAME=VALUE" in its environment; how many.
int nasd_kill_marked(const char *variable);

// Holds a worker: reads what to start from descriptor 3, tells of it on descriptor 4 ("pid ID START", "exit CODE",
// "signal NUMBER", or "folder", "program", "fork" or "untraced" with what went wrong), and ends it with all that came of it once descriptor 3 is closed or
// the worker has ended. The bytes on descriptor 3: the size of all texts, the number of arguments and of variables, and whether
// all of it is traced, so that it ends where this process does, as 32-bit numbers of this machine, then folder, arguments and variables, each with a 0 behind. For a process of its own, which then ends
// with the code that is returned.
int nasd_supervise(void);

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

// How many more descriptors this process may have now, up to `most` and 256.
int nasd_free_descriptors(int most);

// The most address space that this process may have, in bytes; the largest number where there is no limit.
long nasd_address_space_limit(void);

// Has the C library keep one heap, where address space is limited: every thread would reserve one of its own.
static inline void nasd_spare_address_space(void) {
    if (nasd_address_space_limit() < LONG_MAX) mallopt(M_ARENA_MAX, 1);
}

// Gives free pages of the heap back to the system.
static inline void nasd_release_free_memory(void) { malloc_trim(0); }
