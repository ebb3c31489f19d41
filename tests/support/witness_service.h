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
#include <vector>

namespace patd::support {

// A real service program behind a socket, one process for each connection, as systemd starts it;
// this user is patd.
class ServiceProgram {
  public:
    ServiceProgram(std::string socket, std::vector<std::string> words)
        : socket_(std::move(socket)), words_(std::move(words)) {
        words_.insert(words_.end(), {"--daemon-user", getpwuid(geteuid())->pw_name});
        const sockaddr_un address = unix_address(socket_).value();
        listener_.reset(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
        if (bind(listener_.get(), as_sockaddr(address), sizeof address) != 0 ||
            listen(listener_.get(), 16) != 0)
            throw std::runtime_error("cannot listen at " + socket_);
        server_ = std::thread([this] { serve(); });
    }
    ~ServiceProgram() {
        shutdown(listener_.get(), SHUT_RDWR);
        server_.join();
        unlink(socket_.c_str());
    }
    ServiceProgram(const ServiceProgram&) = delete;
    ServiceProgram& operator=(const ServiceProgram&) = delete;

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
        std::vector<std::string> words(words_);
        std::vector<char*> arguments;
        for (std::string& word : words)
            arguments.push_back(word.data());
        arguments.push_back(nullptr);
        pid_t process = -1;
        if (posix_spawn(&process, arguments[0], &actions, nullptr, arguments.data(), environ) == 0)
            waitpid(process, nullptr, 0);
        posix_spawn_file_actions_destroy(&actions);
    }

    std::string socket_;
    std::vector<std::string> words_;
    UniqueFd listener_;
    std::atomic<int> conversations_ = 0;
    std::thread server_;
};

// patd-auth, with its own folder.
class WitnessService {
  public:
    WitnessService(std::string socket, std::string state)
        : state_(make(std::move(state))),
          program_(std::move(socket), {PATD_AUTH, "--state-dir", state_}) {}

    std::string file() const { return state_ + "/witness"; }
    std::string text() const {
        std::ifstream file(this->file());
        return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
    }
    int conversations() const { return program_.conversations(); }

  private:
    static std::string make(std::string state) {
        std::filesystem::create_directory(state);
        std::filesystem::permissions(state, std::filesystem::perms::owner_all);
        return state;
    }

    std::string state_;
    ServiceProgram program_;
};

}  // namespace patd::support
