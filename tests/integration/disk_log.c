// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors

// Preloaded into a daemon: appends what it does to the files in the folder DISK_LOG_OF to the file
// that DISK_LOG names, so that crash_images_test.py can make what a disk may hold at any moment.
// What is mapped (SQLite's -shm, which means nothing after a crash) is not seen.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

enum Kind { kWrite, kCut, kSync, kUnlink, kRename, kCreate, kSyncNames };

// As the test reads it: struct "=qqq64s", then `size` bytes: of a write, or a file's new name.
struct Record {
    int64_t kind;
    int64_t at;  // of a write or a cut: its place; of a sync (kSyncNames: of the folder): up to
                 // where the log is on disk
    int64_t size;
    char name[64];
};

static int log_fd = -1;
static char folder[256];
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

__attribute__((constructor)) static void open_log(void) {
    const char* path = getenv("DISK_LOG");
    const char* of = getenv("DISK_LOG_OF");
    if (path == NULL || of == NULL)
        return;
    (void)snprintf(folder, sizeof folder, "%s/", of);
    log_fd =
        (int)syscall(SYS_openat, AT_FDCWD, path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
}

#define REAL(name)                 \
    static __typeof__(&name) real; \
    if (real == NULL)              \
    *(void**)&real = dlsym(RTLD_NEXT, #name)

static bool find_name(const char* path, char* name) {
    const size_t begin = strlen(folder);
    if (log_fd < 0 || strncmp(path, folder, begin) != 0 || strchr(path + begin, '/') != NULL ||
        strlen(path + begin) >= 64 || strstr(path, "-shm") != NULL)
        return false;
    memcpy(name, path + begin, strlen(path + begin) + 1);
    return true;
}

static bool find_path(int fd, char path[512]) {
    char link[64];
    (void)snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    const ssize_t size = log_fd < 0 ? -1 : readlink(link, path, 511);
    path[size < 0 ? 0 : size] = '\0';
    return size >= 0;
}
static bool name_of(int fd, char* name) {
    char path[512];
    return find_path(fd, path) && find_name(path, name);
}
static bool is_folder(int fd) {
    char path[512];
    const size_t size = strlen(folder) - 1;  // less its slash
    return find_path(fd, path) && strlen(path) == size && strncmp(path, folder, size) == 0;
}

// With the lock held.
static void append(struct Record record, const void* bytes) {
    const struct iovec parts[2] = {{&record, sizeof record}, {(void*)bytes, (size_t)record.size}};
    const int64_t size = (int64_t)sizeof record + record.size;
    if (syscall(SYS_writev, log_fd, parts, 2) != size)
        abort();
}

static void note(enum Kind kind, int fd, int64_t at, const void* bytes, int64_t size) {
    struct Record record = {kind, at, size, {0}};
    if (name_of(fd, record.name))
        append(record, bytes);
}

ssize_t write(int fd, const void* buffer, size_t size) {
    REAL(write);
    char name[64];
    if (!name_of(fd, name))
        return real(fd, buffer, size);
    pthread_mutex_lock(&lock);
    const ssize_t done = real(fd, buffer, size);
    if (done > 0)
        note(kWrite, fd, lseek(fd, 0, SEEK_CUR) - done, buffer, done);
    pthread_mutex_unlock(&lock);
    return done;
}
static ssize_t written(int fd, const void* buffer, ssize_t done, off_t offset) {
    if (done > 0)
        note(kWrite, fd, offset, buffer, done);
    pthread_mutex_unlock(&lock);
    return done;
}
ssize_t pwrite64(int fd, const void* buffer, size_t size, off64_t offset) {
    REAL(pwrite64);
    pthread_mutex_lock(&lock);
    return written(fd, buffer, real(fd, buffer, size, offset), offset);
}
ssize_t pwrite(int fd, const void* buffer, size_t size, off_t offset) {
    REAL(pwrite);
    pthread_mutex_lock(&lock);
    return written(fd, buffer, real(fd, buffer, size, offset), offset);
}

static int changed(int fd, int result, off_t size) {
    if (result == 0)
        note(kCut, fd, size, NULL, 0);
    pthread_mutex_unlock(&lock);
    return result;
}
int ftruncate(int fd, off_t size) {
    REAL(ftruncate);
    pthread_mutex_lock(&lock);
    return changed(fd, real(fd, size), size);
}
int ftruncate64(int fd, off64_t size) {
    REAL(ftruncate64);
    pthread_mutex_lock(&lock);
    return changed(fd, real(fd, size), size);
}

int unlink(const char* path) {
    REAL(unlink);
    struct Record record = {kUnlink, 0, 0, {0}};
    pthread_mutex_lock(&lock);
    const int result = real(path);
    if (result == 0 && find_name(path, record.name))
        append(record, NULL);
    pthread_mutex_unlock(&lock);
    return result;
}

// Names in the folder itself.
static bool find_name_in(int directory, const char* path, char* name) {
    char whole[1024];
    if (path[0] == '/')
        return find_name(path, name);
    if (!find_path(directory, whole))
        return false;
    const size_t size = strlen(whole);
    (void)snprintf(whole + size, sizeof whole - size, "/%s", path);
    return find_name(whole, name);
}

// A file that is not there yet may be made by it.
static int opened(int directory, const char* path, int flags, mode_t mode) {
    struct Record record = {kCreate, 0, 0, {0}};
    if ((flags & O_CREAT) == 0 || !find_name_in(directory, path, record.name))
        return (int)syscall(SYS_openat, directory, path, flags, mode);
    pthread_mutex_lock(&lock);
    struct stat facts;
    const bool is_there = fstatat(directory, path, &facts, AT_SYMLINK_NOFOLLOW) == 0;
    const int fd = (int)syscall(SYS_openat, directory, path, flags, mode);
    if (fd >= 0 && !is_there)
        append(record, NULL);
    pthread_mutex_unlock(&lock);
    return fd;
}
#define MODE()                                                                                 \
    va_list more;                                                                              \
    va_start(more, flags);                                                                     \
    const mode_t mode =                                                                        \
        (flags & O_CREAT) != 0 || (flags & O_TMPFILE) == O_TMPFILE ? va_arg(more, mode_t) : 0; \
    va_end(more)
#define OPEN(name)                                  \
    int name(const char* path, int flags, ...) {    \
        MODE();                                     \
        return opened(AT_FDCWD, path, flags, mode); \
    }
OPEN(open)
OPEN(open64)
#define OPENAT(name)                                            \
    int name(int directory, const char* path, int flags, ...) { \
        MODE();                                                 \
        return opened(directory, path, flags, mode);            \
    }
OPENAT(openat)
OPENAT(openat64)
int unlinkat(int directory, const char* path, int flags) {
    REAL(unlinkat);
    struct Record record = {kUnlink, 0, 0, {0}};
    pthread_mutex_lock(&lock);
    const int result = real(directory, path, flags);
    if (result == 0 && find_name_in(directory, path, record.name))
        append(record, NULL);
    pthread_mutex_unlock(&lock);
    return result;
}
int renameat2(int from_in, const char* from, int to_in, const char* to, unsigned flags) {
    REAL(renameat2);
    struct Record record = {kRename, 0, (int64_t)strlen(to), {0}};
    pthread_mutex_lock(&lock);
    const int result = real(from_in, from, to_in, to, flags);
    if (result == 0 && find_name_in(from_in, from, record.name))
        append(record, to);
    pthread_mutex_unlock(&lock);
    return result;
}

// What is written while it syncs may not be on disk.
static int64_t log_size(void) {
    pthread_mutex_lock(&lock);
    const int64_t size = log_fd < 0 ? 0 : lseek(log_fd, 0, SEEK_END);
    pthread_mutex_unlock(&lock);
    return size;
}
static int synced(int fd, int result, int64_t begun) {
    struct Record names = {kSyncNames, begun, 0, {0}};
    pthread_mutex_lock(&lock);
    if (result == 0 && is_folder(fd))
        append(names, NULL);
    else if (result == 0)
        note(kSync, fd, begun, NULL, 0);
    pthread_mutex_unlock(&lock);
    return result;
}
int fsync(int fd) {
    REAL(fsync);
    const int64_t begun = log_size();
    return synced(fd, real(fd), begun);
}
int fdatasync(int fd) {
    REAL(fdatasync);
    const int64_t begun = log_size();
    return synced(fd, real(fd), begun);
}
