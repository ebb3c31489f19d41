// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors

// Preloaded into a test's patd: before each sync, and each cut of a file, up to three other writes
// go to the disk, by chance. What is written, but not yet told to all threads, stays so for longer.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

enum { kWrites = 4, kBytes = 65536 };

#define REAL(name)                 \
    static __typeof__(&name) real; \
    if (real == NULL)              \
    *(void**)&real = dlsym(RTLD_NEXT, #name)

static int sync_really(int fd) {
    REAL(fdatasync);
    return real(fd);
}

static void write_by_chance(void) {
    static __thread unsigned chance;  // not security-relevant
    static __thread int other = -1;
    static char bytes[kBytes];
    if (other < 0)
        other = open("/var/tmp", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    for (int left = rand_r(&chance) % kWrites; left > 0; --left) {
        if (pwrite(other, bytes, kBytes, 0) != kBytes || sync_really(other) != 0)
            abort();
    }
}

int fsync(int fd) {
    REAL(fsync);
    write_by_chance();
    return real(fd);
}

int fdatasync(int fd) {
    write_by_chance();
    return sync_really(fd);
}

int ftruncate64(int fd, off64_t size) {
    REAL(ftruncate64);
    write_by_chance();
    return real(fd, size);
}
