// The processors that the calling thread may run on, on machines of up to 8192.
#include "CSystemCalls.h"
#include <sched.h>

enum { most_processors = 8192 };

int nasd_allowed_processors(int *processors, int most) {
    cpu_set_t set[most_processors / CPU_SETSIZE];
    CPU_ZERO_S(sizeof set, set);
    if (sched_getaffinity(0, sizeof set, set) != 0) return -1;
    int count = 0;
    for (int processor = 0; processor < most_processors; processor++) {
        if (!CPU_ISSET_S((size_t)processor, sizeof set, set)) continue;
        if (count < most) processors[count] = processor;
        count++;
    }
    return count;
}

int nasd_allow_processors(const int *processors, int count) {
    cpu_set_t set[most_processors / CPU_SETSIZE];
    CPU_ZERO_S(sizeof set, set);
    for (int index = 0; index < count; index++) {
        if (processors[index] < 0 || processors[index] >= most_processors) return EINVAL;
        CPU_SET_S((size_t)processors[index], sizeof set, set);
    }
    return sched_setaffinity(0, sizeof set, set) == 0 ? 0 : errno;
}
