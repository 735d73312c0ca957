// Processes of slots: how they start, and a supervisor that outlives nobody's end. It is this program once more, small and
// single-threaded, and does nothing but hold one worker and all that comes of it.
#include "CSystemCalls.h"
#include <dirent.h>
#include <signal.h>
#include <spawn.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <time.h>

extern char **environ;

pid_t nasd_spawn(
    const char *program, char *const argv[], char *const environment[], const int *descriptors, int count) {
    posix_spawnattr_t attributes;
    posix_spawn_file_actions_t actions;
    sigset_t all, none;
    pid_t child = -1;
    int code = posix_spawnattr_init(&attributes);
    if (code != 0) return errno = code, -1;
    code = posix_spawn_file_actions_init(&actions);
    if (code != 0) {
        posix_spawnattr_destroy(&attributes);
        return errno = code, -1;
    }
    sigfillset(&all);
    sigemptyset(&none);
    posix_spawnattr_setsigdefault(&attributes, &all);
    posix_spawnattr_setsigmask(&attributes, &none);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSID | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK);
    for (int place = 0; place < count && code == 0; place++)
        code = posix_spawn_file_actions_adddup2(&actions, descriptors[place], place);
    if (code == 0) code = posix_spawn_file_actions_addclosefrom_np(&actions, count);
    if (code == 0) code = posix_spawn(&child, program, &actions, &attributes, argv, environment);
    posix_spawn_file_actions_destroy(&actions);
    posix_spawnattr_destroy(&attributes);
    if (code != 0) return errno = code, -1;
    return child;
}

int nasd_pipe(int ends[2], int place) {
    int made[2];
    if (pipe2(made, O_CLOEXEC) != 0) return -1;
    // Above those that a child gets, so that no dup2 of its start overwrites one of them.
    for (int end = 0; end < 2; end++) {
        ends[end] = fcntl(made[end], F_DUPFD_CLOEXEC, 16);
        int code = errno;
        close(made[end]);
        if (ends[end] < 0) {
            if (end == 0) close(made[1]);
            if (end == 1) close(ends[0]);
            return errno = code, -1;
        }
    }
    // Only our own end does not wait: the other is shared with a program that knows nothing of it.
    fcntl(ends[place], F_SETFL, fcntl(ends[place], F_GETFL) | O_NONBLOCK);
    return 0;
}

// Parent and start of a process by the system's notes; 0 where there is none.
static int look(pid_t pid, pid_t *parent, unsigned long long *start) {
    char path[48], text[1024];
    snprintf(path, sizeof path, "/proc/%d/stat", (int)pid);
    int file = open(path, O_RDONLY | O_CLOEXEC);
    if (file < 0) return 0;
    ssize_t count = read(file, text, sizeof text - 1);
    close(file);
    if (count <= 0) return 0;
    text[count] = 0;
    // The name may hold anything, parentheses too.
    char *rest = strrchr(text, ')');
    char state;
    int above;
    if (!rest || sscanf(rest + 1, " %c %d", &state, &above) != 2) return 0;
    if (parent) *parent = above;
    if (start) {
        *start = 0;
        char *field = rest + 1;
        for (int number = 2; number < 22 && field; number++) field = strchr(field + 1, ' ');
        if (field) *start = strtoull(field, NULL, 10);
    }
    return state != 'Z' && state != 'X';
}

unsigned long long nasd_process_start(pid_t pid) {
    unsigned long long start = 0;
    return look(pid, NULL, &start) ? start : 0;
}

// Every process, by a function that is asked about each.
static int each_process(int (*body)(pid_t pid, void *context), void *context) {
    DIR *folder = opendir("/proc");
    if (!folder) return 0;
    int count = 0;
    for (struct dirent *entry; (entry = readdir(folder));) {
        char *end;
        long pid = strtol(entry->d_name, &end, 10);
        if (*end == 0 && pid > 0) count += body((pid_t)pid, context);
    }
    closedir(folder);
    return count;
}

static int kill_marked(pid_t pid, void *context) {
    const char *marker = context;
    size_t length = strlen(marker);
    char path[48];
    static char text[1 << 17];
    if (pid == getpid()) return 0;
    snprintf(path, sizeof path, "/proc/%d/environ", (int)pid);
    int file = open(path, O_RDONLY | O_CLOEXEC);
    if (file < 0) return 0;
    size_t count = 0;
    for (ssize_t got; count < sizeof text && (got = read(file, text + count, sizeof text - count)) > 0;) count += (size_t)got;
    close(file);
    for (size_t at = 0; at + length < count; at++) {
        // A whole variable: the sign before it ends another, or there is none.
        if ((at == 0 || text[at - 1] == 0) && memcmp(text + at, marker, length) == 0 && text[at + length] == 0)
            return kill(pid, SIGKILL) == 0;
    }
    return 0;
}

int nasd_kill_marked(const char *variable) {
    int killed = 0;
    // Whoever is about to make another is asked again.
    for (int round = 0; round < 20; round++) {
        int count = each_process(kill_marked, (void *)variable);
        if (count == 0) break;
        killed += count;
        struct timespec pause = {.tv_nsec = 10000000};
        nanosleep(&pause, NULL);
    }
    return killed;
}

// The supervisor.

enum { control = 3, status = 4, most_start_bytes = 1 << 20 };

struct descent {
    pid_t root;
    int code, count;
};

static int signal_descendant(pid_t pid, void *context) {
    struct descent *descent = context;
    pid_t above = pid;
    if (pid == descent->root) return 0;
    // Whoever lost its parents has the supervisor for one.
    for (int depth = 0; depth < 1 << 15; depth++) {
        pid_t parent = 0;
        if (!look(above, &parent, NULL) && above == pid) return 0;
        if (parent == descent->root) return kill(pid, descent->code) == 0;
        if (parent <= 1) return 0;
        above = parent;
    }
    return 0;
}

static int signal_descendants(int code) {
    struct descent descent = {.root = getpid(), .code = code};
    return each_process(signal_descendant, &descent);
}

static void sleep_milliseconds(long count) {
    struct timespec pause = {.tv_sec = count / 1000, .tv_nsec = count % 1000 * 1000000};
    nanosleep(&pause, NULL);
}

// Ends all that has come of the worker; whoever forks while it is looked for is stopped first.
static void end_descendants(void) {
    for (int round = 0; round < 400; round++) {
        int before = signal_descendants(SIGSTOP);
        if (signal_descendants(SIGSTOP) == before) signal_descendants(SIGKILL);
        // What is traced stops before it takes a signal, and stays so until it is killed.
        while (waitpid(-1, NULL, WNOHANG | __WALL) > 0) continue;
        if (waitpid(-1, NULL, WNOHANG | __WALL) < 0 && errno == ECHILD && signal_descendants(0) == 0) return;
        sleep_milliseconds(5);
    }
}

static void tell(const char *word, long number, unsigned long long start) {
    char line[96];
    int length = start ? snprintf(line, sizeof line, "%s %ld %llu\n", word, number, start)
                       : snprintf(line, sizeof line, "%s %ld\n", word, number);
    // Nobody may be there to read it.
    (void)nasd_write_all(status, line, (size_t)length);
}

static void note_child(int code) { (void)code; }

static int read_whole(void *bytes, size_t count) {
    for (char *next = bytes; count > 0;) {
        ssize_t got = read(control, next, count);
        if (got < 0 && errno == EINTR) continue;
        if (got <= 0) return 0;
        next += got;
        count -= (size_t)got;
    }
    return 1;
}

// The words of a start, one after the other; nil where there are not so many.
static char **words(char **next, char *end, uint32_t count) {
    char **list = calloc((size_t)count + 1, sizeof *list);
    for (uint32_t place = 0; list && place < count; place++) {
        char *last = *next < end ? memchr(*next, 0, (size_t)(end - *next)) : NULL;
        if (!last) return NULL;
        list[place] = *next;
        *next = last + 1;
    }
    return list;
}

// Everything that comes of the worker is traced, threads, children and sessions of their own alike, for one thing: the system
// kills what is traced in the instant in which its tracer ends, however that does.
static int trace_all(pid_t worker) {
    long options = PTRACE_O_EXITKILL | PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK | PTRACE_O_TRACECLONE;
    return ptrace(PTRACE_SEIZE, worker, NULL, (void *)options) == 0 ? 0 : errno;
}

// Has what has stopped for its tracer go on as if there were none.
static void go_on(pid_t pid, int code) {
    int received = WSTOPSIG(code), event = code >> 16;
    int is_stop = received == SIGSTOP || received == SIGTSTP || received == SIGTTIN || received == SIGTTOU;
    if (event == PTRACE_EVENT_STOP && is_stop)
        ptrace(PTRACE_LISTEN, pid, NULL, NULL);
    else
        ptrace(PTRACE_CONT, pid, NULL, (void *)(long)(event ? 0 : received));
}

// Takes note of what has ended and stopped; whether the worker has ended, and with what.
static int reap(pid_t worker, int *ending) {
    int has_ended = 0, code;
    for (pid_t pid; (pid = waitpid(-1, &code, WNOHANG | __WALL)) > 0;) {
        if (WIFSTOPPED(code)) {
            go_on(pid, code);
        } else if (pid == worker) {
            has_ended = 1;
            *ending = code;
        }
    }
    return has_ended;
}

static void work(const char *folder, char **arguments, char **variables, pid_t supervisor, int gate) {
    char word;
    setsid();
    // Whoever kills the supervisor has killed the worker too.
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != supervisor) _exit(127);
    // Nothing of the worker runs before it is traced.
    if (read(gate, &word, 1) != 1) _exit(127);
    close(gate);
    for (int code = 1; code < NSIG; code++) signal(code, SIG_DFL);
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    if (chdir(folder) != 0) {
        tell("folder", errno, 0);
        _exit(127);
    }
    fcntl(status, F_SETFD, FD_CLOEXEC);
    close(control);
    environ = variables;
    execvp(arguments[0], arguments);
    tell("program", errno, 0);
    _exit(127);
}

int nasd_supervise(void) {
    prctl(PR_SET_NAME, "worker-slot");
    prctl(PR_SET_CHILD_SUBREAPER, 1);
    prctl(PR_SET_DUMPABLE, 1);
    for (int code = 1; code < NSIG; code++) signal(code, SIG_IGN);
    struct sigaction action = {.sa_handler = note_child};
    sigaction(SIGCHLD, &action, NULL);
    sigset_t child, before;
    sigemptyset(&child);
    sigaddset(&child, SIGCHLD);
    sigprocmask(SIG_BLOCK, &child, &before);
    uint32_t sizes[4];
    int gate[2];
    if (!read_whole(sizes, sizeof sizes) || sizes[0] == 0 || sizes[0] > most_start_bytes) return 1;
    char *text = malloc(sizes[0]);
    if (!text || !read_whole(text, sizes[0])) return 1;
    char *next = text, *end = text + sizes[0];
    char **folder = words(&next, end, 1);
    char **arguments = words(&next, end, sizes[1]), **variables = words(&next, end, sizes[2]);
    if (!folder || !arguments || !variables || !arguments[0]) return 1;
    if (pipe2(gate, O_CLOEXEC) != 0) return 1;
    pid_t own = getpid(), worker = fork();
    if (worker == 0) work(folder[0], arguments, variables, own, gate[0]);
    if (worker < 0) {
        tell("fork", errno, 0);
        return 1;
    }
    int refusal = sizes[3] ? trace_all(worker) : 0;
    if (refusal) tell("untraced", refusal, 0);
    if (write(gate[1], "", 1) != 1) return 1;
    close(gate[0]);
    close(gate[1]);
    // What passes between the daemon and the worker is theirs alone: an end is seen by both.
    for (int descriptor = 0; descriptor < 3; descriptor++) close(descriptor);
    tell("pid", worker, nasd_process_start(worker));
    struct pollfd daemon = {.fd = control, .events = POLLIN};
    int has_ended = 0, is_over = 0;
    while (!has_ended && !is_over) {
        int ready = ppoll(&daemon, 1, NULL, &before);
        // Nothing is said after the start: what comes is the end.
        if (ready > 0) is_over = 1;
        int code;
        if (reap(worker, &code)) {
            has_ended = 1;
            tell(WIFSIGNALED(code) ? "signal" : "exit", WIFSIGNALED(code) ? WTERMSIG(code) : WEXITSTATUS(code), 0);
        }
    }
    if (!has_ended) {
        // Some have others to tell, as srun and ssh do.
        kill(-worker, SIGTERM);
        for (int round = 0; round < 60 && !has_ended; round++) {
            int code;
            sleep_milliseconds(25);
            has_ended = reap(worker, &code);
        }
    }
    end_descendants();
    return 0;
}
