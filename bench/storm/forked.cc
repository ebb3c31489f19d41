// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "bench/storm/forked.h"

#include "bench/report.h"

#include <grp.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <stdexcept>
#include <utility>

namespace patd::bench {
namespace {

void become(Uid uid) {
    const uid_t id = uid.value();
    if (::setgroups(0, nullptr) != 0 || ::setresgid(id, id, id) != 0 ||
        ::setresuid(id, id, id) != 0)
        throw std::runtime_error("cannot become uid " + std::to_string(id));
}

// After the change of uid, which resets it.
void end_with(pid_t parent) {
    if (::prctl(PR_SET_PDEATHSIG, SIGKILL) != 0 || ::getppid() != parent)
        throw std::runtime_error("the bench has ended");
}

}  // namespace

Forked::Forked(Uid uid, std::chrono::seconds longest, const std::function<void()>& body) {
    const pid_t parent = ::getpid();
    pid_ = ::fork();
    if (pid_ < 0)
        throw std::runtime_error("fork");
    if (pid_ != 0)
        return;
    ::_exit(guarded([&] {
        ::alarm(static_cast<unsigned>(longest.count()));
        become(uid);
        end_with(parent);
        body();
        return 0;
    }));
}

Forked::Forked(Forked&& other) noexcept : pid_(std::exchange(other.pid_, -1)) {}

Forked::~Forked() {
    if (pid_ < 0)
        return;
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
}

bool Forked::has_ended() {
    siginfo_t ended{};
    (void)::waitid(P_PID, static_cast<id_t>(pid_), &ended, WEXITED | WNOHANG | WNOWAIT);
    return ended.si_pid == pid_;
}

}  // namespace patd::bench
