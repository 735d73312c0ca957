// What a fault of the process leaves behind: which signal, under which run, at which step. The handler calls nothing but
// what a signal handler may call.
#include "CSystemCalls.h"
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

enum { most_runs = 64, id_size = 16, stack_size = 32 << 10 };

static struct {
    atomic_int is_used;
    char id[id_size];
    atomic_long step;
} runs[most_runs];

static const int signals[] = {SIGILL, SIGTRAP, SIGABRT, SIGBUS, SIGSEGV};
static const char *const names[] = {"SIGILL", "SIGTRAP", "SIGABRT", "SIGBUS", "SIGSEGV"};
enum { signal_count = sizeof signals / sizeof *signals };

static struct sigaction before[signal_count];
static atomic_int file = -1;
static __thread int own = -1;
// A thread that has used up its stack needs another to tell.
static __thread char alternative[stack_size] __attribute__((aligned(64)));

static size_t put(char *line, size_t at, size_t size, const char *text) {
    while (*text && at + 1 < size) line[at++] = *text++;
    return at;
}

static void note(const char *name, const char *run, long step) {
    char line[128], digits[24];
    size_t at = put(line, 0, sizeof line, name), count = 0;
    at = put(line, at, sizeof line, " ");
    at = put(line, at, sizeof line, run);
    at = put(line, at, sizeof line, " ");
    if (step < 0) {
        at = put(line, at, sizeof line, "-");
    } else {
        do digits[count++] = (char)('0' + step % 10);
        while ((step /= 10) > 0);
        while (count > 0 && at + 1 < sizeof line) line[at++] = digits[--count];
    }
    line[at++] = '\n';
    // Whoever cannot note a fault cannot tell either.
    (void)nasd_write_all(atomic_load(&file), line, at);
}

static void handle(int number, siginfo_t *info, void *context) {
    (void)context;
    int code = errno, which = 0;
    while (which + 1 < signal_count && signals[which] != number) which++;
    int is_from_outside = info->si_code <= 0 && info->si_pid != getpid(), noted = 0;
    for (int place = 0; place < most_runs; place++) {
        if (!atomic_load(&runs[place].is_used) || !(place == own || is_from_outside)) continue;
        note(names[which], runs[place].id, atomic_load(&runs[place].step));
        noted = 1;
    }
    if (!noted) note(names[which], "-", -1);
    fsync(atomic_load(&file));
    sigaction(number, &before[which], NULL);
    errno = code;
    raise(number);
}

static void use_alternative_stack(void) {
    stack_t stack = {.ss_sp = alternative, .ss_size = stack_size};
    stack_t present;
    if (sigaltstack(NULL, &present) == 0 && (present.ss_flags & SS_DISABLE)) sigaltstack(&stack, NULL);
}

void nasd_take_faults(void) {
    sigset_t all;
    sigemptyset(&all);
    for (int which = 0; which < signal_count; which++) sigaddset(&all, signals[which]);
    pthread_sigmask(SIG_UNBLOCK, &all, NULL);
    use_alternative_stack();
}

void nasd_watch_faults(int fd) {
    atomic_store(&file, fd);
    use_alternative_stack();
    for (int which = 0; which < signal_count; which++) {
        struct sigaction action;
        memset(&action, 0, sizeof action);
        action.sa_sigaction = handle;
        action.sa_flags = SA_SIGINFO | SA_ONSTACK | SA_NODEFER;
        sigaction(signals[which], &action, &before[which]);
        // Swift's own handler tells the stack of every thread, which takes minutes in which the daemon neither works nor
        // ends: only for who asks for it.
        if (!getenv("SWIFT_BACKTRACE")) before[which].sa_handler = SIG_DFL, before[which].sa_flags = 0;
    }
}

int nasd_begin_run(const char *id) {
    for (int place = 0; place < most_runs; place++) {
        int expected = 0;
        if (!atomic_compare_exchange_strong(&runs[place].is_used, &expected, 2)) continue;
        strncpy(runs[place].id, id, id_size - 1);
        runs[place].id[id_size - 1] = 0;
        atomic_store(&runs[place].step, 0);
        atomic_store(&runs[place].is_used, 1);
        return place;
    }
    return -1;
}

void nasd_enter_run(int place) {
    own = place;
    nasd_take_faults();
}

void nasd_note_step(int place, long step) {
    if (place >= 0 && place < most_runs) atomic_store(&runs[place].step, step);
}

void nasd_end_run(int place) {
    if (place >= 0 && place < most_runs) atomic_store(&runs[place].is_used, 0);
}
