#include "CSystemCalls.h"

#include <stdio.h>

int nasd_exchange(const char *one, const char *other) {
    return renameat2(AT_FDCWD, one, AT_FDCWD, other, RENAME_EXCHANGE);
}
