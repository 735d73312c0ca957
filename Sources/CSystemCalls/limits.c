#include "CSystemCalls.h"
#include <limits.h>
#include <sys/resource.h>

void nasd_give_way(void) {
    static __thread int has_given_way;
    if (has_given_way) return;
    has_given_way = 1;
    // Linux has a priority for each thread.
    setpriority(PRIO_PROCESS, (id_t)syscall(SYS_gettid), 10);
}

long nasd_raise_descriptor_limit(void) {
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return 1024;
    // Past this nothing here needs more, and some programs walk through all there might be.
    rlim_t wanted = limit.rlim_max > 65536 ? 65536 : limit.rlim_max;
    if (wanted > limit.rlim_cur) {
        limit.rlim_cur = wanted;
        setrlimit(RLIMIT_NOFILE, &limit);
        getrlimit(RLIMIT_NOFILE, &limit);
    }
    return limit.rlim_cur > 1 << 30 ? 1 << 30 : (long)limit.rlim_cur;
}

int nasd_free_descriptors(int most) {
    enum { most_taken = 256 };
    int taken[most_taken], count = 0;
    while (count < most && count < most_taken && (taken[count] = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 3)) >= 0) count++;
    for (int i = 0; i < count; i++) close(taken[i]);
    return count;
}

long nasd_address_space_limit(void) {
    struct rlimit limit;
    if (getrlimit(RLIMIT_AS, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY || limit.rlim_cur > LONG_MAX) return LONG_MAX;
    return (long)limit.rlim_cur;
}
