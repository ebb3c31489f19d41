// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "common/base/unique_fd.h"

#include <fcntl.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <stdexcept>
#include <string>
#include <vector>

namespace patd::support {

struct ProcessOptions {
    std::vector<std::string> arguments;  // the program's path first
    std::vector<std::string> environment;
    std::string directory = ".";
    std::string input;                // goes through a pipe that is then closed
    std::array<bool, 3> closed = {};  // which of 0, 1, 2 the process starts without
};

struct ProcessResult {
    int status = -1;  // the exit status, or 128 and the signal
    std::string output;
    std::string errors;
};

namespace detail {

inline UniqueFd memory_file() {
    UniqueFd file(::memfd_create("output", MFD_CLOEXEC));
    if (!file)
        throw std::runtime_error("memfd_create");
    return file;
}

inline std::string contents(const UniqueFd& file) {
    std::string text(static_cast<std::size_t>(::lseek(file.get(), 0, SEEK_END)), '\0');
    if (::pread(file.get(), text.data(), text.size(), 0) != static_cast<ssize_t>(text.size()))
        throw std::runtime_error("pread");
    return text;
}

// A pipe that already holds all of `input`, with its writing end closed.
inline UniqueFd filled_pipe(const std::string& input) {
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) != 0)
        throw std::runtime_error("pipe2");
    const UniqueFd writer(ends[1]);
    UniqueFd reader(ends[0]);
    (void)::fcntl(writer.get(), F_SETPIPE_SZ, 1 << 20);
    if (::write(writer.get(), input.data(), input.size()) != static_cast<ssize_t>(input.size()))
        throw std::runtime_error("write");
    return reader;
}

inline std::vector<char*> pointers(const std::vector<std::string>& texts) {
    std::vector<char*> result;
    for (const std::string& text : texts)
        result.push_back(const_cast<char*>(text.c_str()));
    result.push_back(nullptr);
    return result;
}

}  // namespace detail

// Runs a program to its end and returns what it printed.
inline ProcessResult run_process(const ProcessOptions& options) {
    const std::array<UniqueFd, 3> streams = {detail::filled_pipe(options.input),
                                             detail::memory_file(), detail::memory_file()};
    posix_spawn_file_actions_t actions;
    ::posix_spawn_file_actions_init(&actions);
    ::posix_spawn_file_actions_addchdir_np(&actions, options.directory.c_str());
    for (int fd = 0; fd < 3; ++fd) {
        const auto index = static_cast<std::size_t>(fd);
        if (options.closed[index])
            ::posix_spawn_file_actions_addclose(&actions, fd);
        else
            ::posix_spawn_file_actions_adddup2(&actions, streams[index].get(), fd);
    }
    pid_t child = -1;
    const int error = ::posix_spawnp(&child, options.arguments.front().c_str(), &actions, nullptr,
                                     detail::pointers(options.arguments).data(),
                                     detail::pointers(options.environment).data());
    ::posix_spawn_file_actions_destroy(&actions);
    if (error != 0)
        throw std::runtime_error("cannot start " + options.arguments.front());
    int status = 0;
    ::waitpid(child, &status, 0);
    return {WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status),
            detail::contents(streams[1]), detail::contents(streams[2])};
}

}  // namespace patd::support
