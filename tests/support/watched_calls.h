// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstddef>
#include <stdexcept>
#include <vector>

namespace patd::support {

inline std::atomic<int> first_watched_call = -1;

// From now on, for as long as this thread lives, its calls that open, make, rename, remove or
// change a file fail with EPERM, and `first_watched_call` is the number of the first of them.
// By seccomp(2), so that no library's own way to the kernel is missed.
inline void watch_file_calls() {
    static const std::vector<unsigned> calls = {
        SYS_openat,    SYS_openat2,   SYS_unlinkat, SYS_renameat, SYS_renameat2, SYS_mkdirat,
        SYS_mknodat,   SYS_symlinkat, SYS_linkat,   SYS_fchmodat, SYS_fchownat,  SYS_truncate,
        SYS_utimensat,
#ifdef SYS_open
        SYS_open,      SYS_creat,     SYS_unlink,   SYS_rename,   SYS_mkdir,     SYS_mknod,
        SYS_symlink,   SYS_link,      SYS_chmod,    SYS_chown,    SYS_lchown,    SYS_rmdir,
#endif
    };
    struct sigaction action {};
    action.sa_flags = SA_SIGINFO;
    action.sa_sigaction = [](int, siginfo_t* info, void* context) {
        int none = -1;
        first_watched_call.compare_exchange_strong(none, info->si_syscall);
#if defined(__x86_64__)
        static_cast<ucontext_t*>(context)->uc_mcontext.gregs[REG_RAX] = -EPERM;
#elif defined(__aarch64__)
        static_cast<ucontext_t*>(context)->uc_mcontext.regs[0] = -EPERM;
#endif
    };
    sigaction(SIGSYS, &action, nullptr);
    std::vector<sock_filter> program = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr))};
    for (const unsigned call : calls) {
        program.push_back(BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, call, 0, 1));
        program.push_back(BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_TRAP));
    }
    program.push_back(BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW));
    const sock_fprog filter{static_cast<unsigned short>(program.size()), program.data()};
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 ||
        prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter) != 0)
        throw std::runtime_error("seccomp");
}

}  // namespace patd::support
