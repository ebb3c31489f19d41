// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "common/base/uid.h"
#include "common/base/unique_fd.h"
#include "tests/support/temporary_directory.h"

#include <linux/sched.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdint>
#include <stdexcept>

namespace patd::support {

// A separate process that connected a socket and does nothing more. This process holds both ends,
// as if the other had passed its end on, so that the connection outlives it.
class PeerProcess {
  public:
    explicit PeerProcess(Uid uid) {
        if (::geteuid() != 0)
            throw std::runtime_error("this test must run as root");
        const TemporaryDirectory directory;
        std::filesystem::permissions(directory.path(), std::filesystem::perms(0755));
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        directory.file("socket").copy(address.sun_path, sizeof address.sun_path - 1);
        const UniqueFd listener(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
        client_.reset(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
        const auto* generic = reinterpret_cast<const sockaddr*>(&address);
        if (::bind(listener.get(), generic, sizeof address) != 0 ||
            ::chmod(address.sun_path, 0777) != 0 || ::listen(listener.get(), 1) != 0)
            throw std::runtime_error("listen");
        pid_ = ::fork();
        if (pid_ == 0) {
            const bool connected = ::setresuid(uid.value(), uid.value(), uid.value()) == 0 &&
                                   ::connect(client_.get(), generic, sizeof address) == 0;
            // NOLINTNEXTLINE(bugprone-infinite-loop): until a signal ends this process
            while (connected)
                ::pause();
            ::_exit(1);
        }
        server_.reset(::accept4(listener.get(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
        if (!server_)
            throw std::runtime_error("accept");
    }
    ~PeerProcess() { end(); }
    PeerProcess(const PeerProcess&) = delete;
    PeerProcess& operator=(const PeerProcess&) = delete;

    pid_t pid() const { return pid_; }
    // The service's end.
    const UniqueFd& server() const { return server_; }
    UniqueFd take_server() { return std::move(server_); }
    const UniqueFd& client() const { return client_; }

    // Ends it, so that its number becomes free.
    void end() {
        if (pid_ <= 0 || ended_)
            return;
        ended_ = true;
        ::kill(pid_, SIGKILL);
        ::waitpid(pid_, nullptr, 0);
    }

  private:
    UniqueFd client_;
    UniqueFd server_;
    pid_t pid_ = -1;
    bool ended_ = false;
};

// A new process with a number that another had: clone3(2) with set_tid. Needs root.
class ProcessAt {
  public:
    explicit ProcessAt(pid_t pid) {
        clone_args arguments{};
        arguments.exit_signal = SIGCHLD;
        arguments.set_tid = reinterpret_cast<std::uint64_t>(&pid);
        arguments.set_tid_size = 1;
        const long made = ::syscall(SYS_clone3, &arguments, sizeof arguments);
        if (made == 0) {
            while (true)
                ::pause();
        }
        if (made != pid)
            throw std::runtime_error("clone3: this test must run as root");
        pid_ = pid;
    }
    ~ProcessAt() {
        ::kill(pid_, SIGKILL);
        ::waitpid(pid_, nullptr, 0);
    }
    ProcessAt(const ProcessAt&) = delete;
    ProcessAt& operator=(const ProcessAt&) = delete;

  private:
    pid_t pid_ = -1;
};

}  // namespace patd::support
