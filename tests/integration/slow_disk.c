// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors

// Preloaded into a test's patd: each sync, and each cut of a file, takes longer, by chance up to 4
// ms. What is written, but not yet told to all threads, stays so for longer.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdlib.h>
#include <unistd.h>

enum { kMicroseconds = 4096 };

#define REAL(name)                 \
    static __typeof__(&name) real; \
    if (real == NULL)              \
    *(void**)&real = dlsym(RTLD_NEXT, #name)

static void wait_by_chance(void) {
    static __thread unsigned chance;  // not security-relevant
    usleep((unsigned)rand_r(&chance) % kMicroseconds);
}

int fsync(int fd) {
    REAL(fsync);
    wait_by_chance();
    return real(fd);
}

int fdatasync(int fd) {
    REAL(fdatasync);
    wait_by_chance();
    return real(fd);
}

int ftruncate64(int fd, off64_t size) {
    REAL(ftruncate64);
    wait_by_chance();
    return real(fd, size);
}
