// Threads whose start can fail and says so.
#include "CSystemCalls.h"
#include <pthread.h>

int nasd_start_thread(size_t stack_bytes, void *(*body)(void *), void *argument) {
    pthread_attr_t attributes;
    int code = pthread_attr_init(&attributes);
    if (code != 0) return code;
    pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
    pthread_attr_setstacksize(&attributes, stack_bytes);
    pthread_t thread;
    code = pthread_create(&thread, &attributes, body, argument);
    pthread_attr_destroy(&attributes);
    return code;
}

void nasd_name_thread(const char *name) { pthread_setname_np(pthread_self(), name); }
