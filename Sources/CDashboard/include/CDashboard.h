// The files of the dashboard as constants. As arrays of Swift they took the compiler fifteen seconds.
#pragma once
#include <stddef.h>

struct nasd_page {
    const char *name;
    const unsigned char *bytes;
    size_t count;
};

// The file of an index from 0 on; null past the last.
const struct nasd_page *nasd_page_at(size_t index);
