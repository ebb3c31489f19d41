// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "common/base/unique_fd.h"
#include "common/base/unix_socket.h"

#include <fcntl.h>
#include <pwd.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <string>
#include <thread>

namespace patd::support {

// The real patd-auth behind a socket, one process for each connection, as systemd starts it.
class WitnessService {
  public:
    WitnessService(std::string socket, std::string state)
        : socket_(std::move(socket)), state_(std::move(state)) {
        std::filesystem::create_directory(state_);
        std::filesystem::permissions(state_, std::filesystem::perms::owner_all);
        const sockaddr_un address = unix_address(socket_).value();
        listener_.reset(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
        if (bind(listener_.get(), as_sockaddr(address), sizeof address) != 0 ||
            listen(listener_.get(), 16) != 0)
            throw std::runtime_error("cannot listen at " + socket_);
        server_ = std::thread([this] { serve(); });
    }
    ~WitnessService() {
        shutdown(listener_.get(), SHUT_RDWR);
        server_.join();
        unlink(socket_.c_str());
    }
    WitnessService(const WitnessService&) = delete;
    WitnessService& operator=(const WitnessService&) = delete;

    std::string file() const { return state_ + "/witness"; }
    std::string text() const {
        std::ifstream file(this->file());
        return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
    }
    int conversations() const { return conversations_; }

  private:
    void serve() {
        while (true) {
            const UniqueFd client(accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC));
            if (!client)
                return;
            ++conversations_;
            answer(client.get());
        }
    }
    void answer(int client) const {
        posix_spawn_file_actions_t actions;
        posix_spawn_file_actions_init(&actions);
        posix_spawn_file_actions_adddup2(&actions, client, 0);
        std::string program(PATD_AUTH);
        std::string name(getpwuid(geteuid())->pw_name);
        std::string state(state_);
        std::string state_option("--state-dir");
        std::string user_option("--daemon-user");
        char* arguments[] = {program.data(),     state_option.data(), state.data(),
                             user_option.data(), name.data(),         nullptr};
        pid_t process = -1;
        if (posix_spawn(&process, program.c_str(), &actions, nullptr, arguments, environ) == 0)
            waitpid(process, nullptr, 0);
        posix_spawn_file_actions_destroy(&actions);
    }

    std::string socket_;
    std::string state_;
    UniqueFd listener_;
    std::atomic<int> conversations_ = 0;
    std::thread server_;
};

}  // namespace patd::support
