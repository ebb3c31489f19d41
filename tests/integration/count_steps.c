// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors

// Preloaded into a separate patd of floods_test.py: counts its queries to the store in the file
// that COUNT_STEPS names, eight bytes. The audit log, whose only table is its events, does not
// count.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static uint64_t* counter(void) {
    static uint64_t* count;
    const char* path = getenv("COUNT_STEPS");
    if (count != NULL || path == NULL)
        return count;
    const int fd = open(path, O_RDWR | O_CLOEXEC);
    void* page = mmap(NULL, sizeof *count, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    close(fd);
    if (page == MAP_FAILED)
        abort();
    return count = page;
}

int sqlite3_step(sqlite3_stmt* statement) {
    static int (*step)(sqlite3_stmt*);
    if (step == NULL)
        *(void**)&step = dlsym(RTLD_NEXT, "sqlite3_step");
    const char* text = sqlite3_sql(statement);
    if (counter() != NULL && (text == NULL || strstr(text, "event") == NULL))
        __atomic_fetch_add(counter(), 1, __ATOMIC_RELAXED);
    return step(statement);
}
