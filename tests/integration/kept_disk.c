// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors

// Preloaded before fail_nth into a daemon: keeps, in the folder that KEPT_DISK names, what its
// disk would hold after a power cut, in a file of the inode's number for each. A page that was
// written gets there at the next sync of its file. One whose sync failed does not, and a later sync
// does not notice, as with the kernel, until it is written again.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { kPage = 4096, kPages = 16384, kFiles = 64 };  // 64 MiB each

struct File {
    ino_t inode;
    int kept;                 // its descriptor
    bool is_written[kPages];  // since the last sync
};

static struct File* files[kFiles];
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

#define REAL(name)                 \
    static __typeof__(&name) real; \
    if (real == NULL)              \
    *(void**)&real = dlsym(RTLD_NEXT, #name)

static struct File* find(int fd) {
    const char* folder = getenv("KEPT_DISK");
    struct stat status;
    if (folder == NULL || fstat(fd, &status) != 0 || !S_ISREG(status.st_mode))
        return NULL;
    struct File** found = files;
    while (*found != NULL && (*found)->inode != status.st_ino)
        if (++found == files + kFiles)
            abort();
    if (*found != NULL)
        return *found;
    char path[4096];
    (void)snprintf(path, sizeof path, "%s/%llu", folder, (unsigned long long)status.st_ino);
    struct File* made = calloc(1, sizeof *made);
    made->inode = status.st_ino;
    made->kept = (int)syscall(SYS_openat, AT_FDCWD, path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (made->kept < 0)
        abort();
    *found = made;
    return made;
}

static ssize_t written(int fd, ssize_t size, off_t begin) {
    if (size <= 0)
        return size;
    pthread_mutex_lock(&lock);
    struct File* file = find(fd);
    if (file != NULL) {
        if ((begin + size - 1) / kPage >= kPages)
            abort();
        for (off_t page = begin / kPage; page <= (begin + size - 1) / kPage; ++page)
            file->is_written[page] = true;
    }
    pthread_mutex_unlock(&lock);
    return size;
}

ssize_t write(int fd, const void* buffer, size_t size) {
    REAL(write);
    const ssize_t done = real(fd, buffer, size);
    return written(fd, done, lseek(fd, 0, SEEK_CUR) - done);
}
ssize_t pwrite64(int fd, const void* buffer, size_t size, off64_t offset) {
    REAL(pwrite64);
    return written(fd, real(fd, buffer, size, offset), offset);
}
ssize_t pwrite(int fd, const void* buffer, size_t size, off_t offset) {
    REAL(pwrite);
    return written(fd, real(fd, buffer, size, offset), offset);
}

// What is read behind the end, should it grow again, are zeroes that are to be written.
static void cut(int fd, off_t size) {
    pthread_mutex_lock(&lock);
    struct File* file = find(fd);
    for (off_t page = size / kPage; file != NULL && page < kPages; ++page)
        file->is_written[page] = true;
    pthread_mutex_unlock(&lock);
}

int ftruncate(int fd, off_t size) {
    REAL(ftruncate);
    const int result = real(fd, size);
    if (result == 0)
        cut(fd, size);
    return result;
}
int ftruncate64(int fd, off64_t size) {
    REAL(ftruncate64);
    const int result = real(fd, size);
    if (result == 0)
        cut(fd, size);
    return result;
}

static void keep(struct File* file, int fd, bool is_synced) {
    char page[kPage];
    struct stat status;
    for (off_t number = 0; number < kPages; ++number) {
        if (!file->is_written[number])
            continue;
        file->is_written[number] = false;
        if (!is_synced)
            continue;
        const ssize_t size = syscall(SYS_pread64, fd, page, sizeof page, number * kPage);
        if (size > 0 && syscall(SYS_pwrite64, file->kept, page, size, number * kPage) != size)
            abort();
    }
    if (is_synced && fstat(fd, &status) == 0 && syscall(SYS_ftruncate, file->kept, status.st_size))
        abort();
}

static int synced(int fd, int result) {
    pthread_mutex_lock(&lock);
    struct File* file = find(fd);
    if (file != NULL)
        keep(file, fd, result == 0);
    pthread_mutex_unlock(&lock);
    return result;
}

int fsync(int fd) {
    REAL(fsync);
    return synced(fd, real(fd));
}
int fdatasync(int fd) {
    REAL(fdatasync);
    return synced(fd, real(fd));
}
