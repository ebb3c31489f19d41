// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors

// Preloaded into a daemon of nth_failure_test.py: counts its calls of each kind in the page that
// FAIL_NTH names, and fails the one that the test chose there, once or from then on. Or the process
// is killed before that call (nth_kill_test.py). Where FAIL_NTH_OF names a program, others are left
// alone: those that it starts.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <unistd.h>

enum Kind {
    kOpen,
    kRead,
    kWrite,
    kFsync,
    kFdatasync,
    kMmap,
    kMlock,
    kGetrandom,
    kMalloc,
    kConnect,
    kSend,
    kFork,
    kRecv,
    kName,  // what makes, changes or removes one
    kKinds
};

// As the test writes it: struct "=qqqq" and a counter for each kind.
struct Page {
    int64_t kind;   // that fails; -1: none
    int64_t nth;    // counts down to 0, the call that fails
    int64_t stays;  // 1: all later ones fail too; 2: SIGKILL
    int64_t failed;
    int64_t calls[kKinds];
};

static struct Page* page;

__attribute__((constructor)) static void find_page(void) {
    const char* path = getenv("FAIL_NTH");
    const char* of = getenv("FAIL_NTH_OF");
    if (path == NULL || (of != NULL && strcmp(of, program_invocation_short_name) != 0))
        return;
    const int fd = (int)syscall(SYS_openat, AT_FDCWD, path, O_RDWR | O_CLOEXEC, 0);
    void* found =
        (void*)syscall(SYS_mmap, NULL, sizeof *page, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0L);
    syscall(SYS_close, fd);
    if (found != MAP_FAILED)
        page = found;
}

static bool fails(enum Kind kind, int why) {
    if (page == NULL)
        return false;
    __atomic_fetch_add(&page->calls[kind], 1, __ATOMIC_RELAXED);
    if (__atomic_load_n(&page->kind, __ATOMIC_RELAXED) != kind)
        return false;
    const int64_t left = __atomic_sub_fetch(&page->nth, 1, __ATOMIC_RELAXED);
    if (left > 0 || (left < 0 && !page->stays))
        return false;
    __atomic_fetch_add(&page->failed, 1, __ATOMIC_RELAXED);
    if (page->stays == 2)
        syscall(SYS_kill, getpid(), SIGKILL);
    errno = why;
    return true;
}

#define REAL(name)                 \
    static __typeof__(&name) real; \
    if (real == NULL)              \
    *(void**)&real = dlsym(RTLD_NEXT, #name)

#define OPEN(name)                                                                                 \
    int name(const char* path, int flags, ...) {                                                   \
        REAL(name);                                                                                \
        va_list more;                                                                              \
        va_start(more, flags);                                                                     \
        const mode_t mode =                                                                        \
            (flags & O_CREAT) != 0 || (flags & O_TMPFILE) == O_TMPFILE ? va_arg(more, mode_t) : 0; \
        va_end(more);                                                                              \
        return fails(kOpen, EMFILE) ? -1 : real(path, flags, mode);                                \
    }
OPEN(open)
OPEN(open64)

#define OPENAT(name)                                                                               \
    int name(int directory, const char* path, int flags, ...) {                                    \
        REAL(name);                                                                                \
        va_list more;                                                                              \
        va_start(more, flags);                                                                     \
        const mode_t mode =                                                                        \
            (flags & O_CREAT) != 0 || (flags & O_TMPFILE) == O_TMPFILE ? va_arg(more, mode_t) : 0; \
        va_end(more);                                                                              \
        return fails(kOpen, EMFILE) ? -1 : real(directory, path, flags, mode);                     \
    }
OPENAT(openat)
OPENAT(openat64)

ssize_t read(int fd, void* buffer, size_t size) {
    REAL(read);
    return fails(kRead, EIO) ? -1 : real(fd, buffer, size);
}
ssize_t pread64(int fd, void* buffer, size_t size, off64_t offset) {
    REAL(pread64);
    return fails(kRead, EIO) ? -1 : real(fd, buffer, size, offset);
}
ssize_t pread(int fd, void* buffer, size_t size, off_t offset) {
    REAL(pread);
    return fails(kRead, EIO) ? -1 : real(fd, buffer, size, offset);
}
ssize_t write(int fd, const void* buffer, size_t size) {
    REAL(write);
    return fails(kWrite, ENOSPC) ? -1 : real(fd, buffer, size);
}
ssize_t pwrite64(int fd, const void* buffer, size_t size, off64_t offset) {
    REAL(pwrite64);
    return fails(kWrite, ENOSPC) ? -1 : real(fd, buffer, size, offset);
}
ssize_t pwrite(int fd, const void* buffer, size_t size, off_t offset) {
    REAL(pwrite);
    return fails(kWrite, ENOSPC) ? -1 : real(fd, buffer, size, offset);
}
int ftruncate(int fd, off_t size) {
    REAL(ftruncate);
    return fails(kWrite, EIO) ? -1 : real(fd, size);
}
int fsync(int fd) {
    REAL(fsync);
    return fails(kFsync, EIO) ? -1 : real(fd);
}
int fdatasync(int fd) {
    REAL(fdatasync);
    return fails(kFdatasync, EIO) ? -1 : real(fd);
}
void* mmap(void* where, size_t size, int protection, int flags, int fd, off_t offset) {
    REAL(mmap);
    return fails(kMmap, ENOMEM) ? MAP_FAILED : real(where, size, protection, flags, fd, offset);
}
void* mmap64(void* where, size_t size, int protection, int flags, int fd, off64_t offset) {
    REAL(mmap64);
    return fails(kMmap, ENOMEM) ? MAP_FAILED : real(where, size, protection, flags, fd, offset);
}
int mlock(const void* where, size_t size) {
    REAL(mlock);
    return fails(kMlock, ENOMEM) ? -1 : real(where, size);
}
int mlock2(const void* where, size_t size, unsigned flags) {
    REAL(mlock2);
    return fails(kMlock, ENOMEM) ? -1 : real(where, size, flags);
}
ssize_t getrandom(void* buffer, size_t size, unsigned flags) {
    REAL(getrandom);
    return fails(kGetrandom, ENOSYS) ? -1 : real(buffer, size, flags);
}
int connect(int fd, const struct sockaddr* address, socklen_t size) {
    REAL(connect);
    return fails(kConnect, ECONNREFUSED) ? -1 : real(fd, address, size);
}
ssize_t send(int fd, const void* buffer, size_t size, int flags) {
    REAL(send);
    return fails(kSend, ENOBUFS) ? -1 : real(fd, buffer, size, flags);
}
ssize_t sendmsg(int fd, const struct msghdr* message, int flags) {
    REAL(sendmsg);
    return fails(kSend, ENOBUFS) ? -1 : real(fd, message, flags);
}
ssize_t recv(int fd, void* buffer, size_t size, int flags) {
    REAL(recv);
    return fails(kRecv, ECONNRESET) ? -1 : real(fd, buffer, size, flags);
}
ssize_t recvmsg(int fd, struct msghdr* message, int flags) {
    REAL(recvmsg);
    return fails(kRecv, ECONNRESET) ? -1 : real(fd, message, flags);
}
int rename(const char* from, const char* to) {
    REAL(rename);
    return fails(kName, ENOSPC) ? -1 : real(from, to);
}
int link(const char* from, const char* to) {
    REAL(link);
    return fails(kName, ENOSPC) ? -1 : real(from, to);
}
int linkat(int from_in, const char* from, int to_in, const char* to, int flags) {
    REAL(linkat);
    return fails(kName, ENOSPC) ? -1 : real(from_in, from, to_in, to, flags);
}
int symlink(const char* to, const char* path) {
    REAL(symlink);
    return fails(kName, ENOSPC) ? -1 : real(to, path);
}
int unlink(const char* path) {
    REAL(unlink);
    return fails(kName, EIO) ? -1 : real(path);
}
int mkdir(const char* path, mode_t mode) {
    REAL(mkdir);
    return fails(kName, ENOSPC) ? -1 : real(path, mode);
}
int bind(int fd, const struct sockaddr* address, socklen_t size) {
    REAL(bind);
    return fails(kName, ENOSPC) ? -1 : real(fd, address, size);
}
int chmod(const char* path, mode_t mode) {
    REAL(chmod);
    return fails(kName, EIO) ? -1 : real(path, mode);
}
pid_t fork(void) {
    REAL(fork);
    return fails(kFork, EAGAIN) ? -1 : real();
}
int pthread_create(pthread_t* thread, const pthread_attr_t* attributes, void* (*run)(void*),
                   void* argument) {
    REAL(pthread_create);
    return fails(kFork, EAGAIN) ? EAGAIN : real(thread, attributes, run, argument);
}

// dlsym itself allocates: these go to glibc's own names.
extern void* __libc_malloc(size_t size);
extern void* __libc_calloc(size_t count, size_t size);
extern void* __libc_realloc(void* old, size_t size);

void* malloc(size_t size) {
    return fails(kMalloc, ENOMEM) ? NULL : __libc_malloc(size);
}
void* calloc(size_t count, size_t size) {
    return fails(kMalloc, ENOMEM) ? NULL : __libc_calloc(count, size);
}
void* realloc(void* old, size_t size) {
    return fails(kMalloc, ENOMEM) ? NULL : __libc_realloc(old, size);
}
