// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "bench/spawn.h"

#include "bench/connection.h"
#include "common/base/unique_fd.h"

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <stdexcept>
#include <string_view>
#include <utility>

namespace patd::bench {
namespace {

using Clock = std::chrono::steady_clock;

std::vector<char*> pointers(const std::vector<std::string>& texts) {
    std::vector<char*> result;
    result.reserve(texts.size() + 1);
    for (const std::string& text : texts)
        result.push_back(const_cast<char*>(text.c_str()));
    result.push_back(nullptr);
    return result;
}

struct Pipe {
    Pipe() {
        int ends[2];
        if (::pipe2(ends, O_CLOEXEC) != 0)
            throw std::runtime_error("pipe2");
        reader.reset(ends[0]);
        writer.reset(ends[1]);
    }
    UniqueFd reader;
    UniqueFd writer;
};

// With `input` and `output` as its standard streams; a silent one sends errors to `output` too.
pid_t spawn(const Command& command, int input, int output) {
    posix_spawn_file_actions_t actions;
    ::posix_spawn_file_actions_init(&actions);
    ::posix_spawn_file_actions_adddup2(&actions, input, STDIN_FILENO);
    ::posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO);
    if (command.silent)
        ::posix_spawn_file_actions_adddup2(&actions, output, STDERR_FILENO);
    if (!command.directory.empty())
        ::posix_spawn_file_actions_addchdir_np(&actions, command.directory.c_str());
    const std::vector<char*> arguments = pointers(command.arguments);
    const std::vector<char*> environment = pointers(command.environment);
    pid_t child = -1;
    const int error = ::posix_spawn(&child, arguments.front(), &actions, nullptr, arguments.data(),
                                    environment.data());
    ::posix_spawn_file_actions_destroy(&actions);
    if (error != 0)
        throw std::runtime_error("cannot start " + command.arguments.front());
    return child;
}

std::string read_to_end(int fd) {
    std::string text;
    char bytes[4096];
    for (ssize_t got = 1; got > 0; text.append(bytes, static_cast<std::size_t>(got)))
        got = std::max<ssize_t>(::read(fd, bytes, sizeof(bytes)), 0);
    return text;
}

}  // namespace

Finished run_to_end(const Command& command) {
    Pipe input;
    Pipe output;
    if (::write(input.writer.get(), command.input.data(), command.input.size()) !=
        static_cast<ssize_t>(command.input.size()))
        throw std::runtime_error("write");
    input.writer.reset();
    const Clock::time_point start = Clock::now();
    const pid_t child = spawn(command, input.reader.get(), output.writer.get());
    output.writer.reset();
    std::string text = read_to_end(output.reader.get());
    int status = 0;
    ::waitpid(child, &status, 0);
    const std::chrono::duration<double> elapsed = Clock::now() - start;
    if (status != 0)
        throw std::runtime_error(command.arguments.front() + " failed");
    if (text.find(command.expected) == std::string::npos)
        throw std::runtime_error(command.arguments.front() + " gave a wrong answer");
    return {elapsed.count(), std::move(text)};
}

double run_timed(const Command& command) {
    return run_to_end(command).seconds;
}

Background::Background(const Command& command) {
    const UniqueFd nowhere(::open("/dev/null", O_RDWR | O_CLOEXEC));
    pid_ = spawn(command, nowhere.get(), nowhere.get());
}

Background::~Background() {
    ::kill(pid_, SIGTERM);
    ::waitpid(pid_, nullptr, 0);
}

void Background::kill_now() const {
    ::kill(pid_, SIGKILL);
}

void Background::wait_until_listening(const std::string& socket_path) const {
    const Clock::time_point end = Clock::now() + std::chrono::seconds(10);
    while (!Connection::can_connect(socket_path)) {
        siginfo_t ended{};
        ::waitid(P_PID, static_cast<id_t>(pid_), &ended, WEXITED | WNOHANG | WNOWAIT);
        if (ended.si_pid == pid_)
            throw std::runtime_error("a server ended before it listened at " + socket_path);
        if (Clock::now() > end)
            throw std::runtime_error("nobody listens at " + socket_path);
        ::poll(nullptr, 0, 5);
    }
}

std::vector<std::string> environment_with(const std::vector<std::string>& changes) {
    std::vector<std::string> result = changes;
    for (char** entry = ::environ; *entry != nullptr; ++entry) {
        const std::string_view text(*entry);
        const std::string key(text.substr(0, text.find('=') + 1));
        if (std::none_of(changes.begin(), changes.end(),
                         [&](const std::string& change) { return change.starts_with(key); }))
            result.emplace_back(text);
    }
    return result;
}

}  // namespace patd::bench
