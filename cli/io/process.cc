// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "cli/io/process.h"

#include "common/base/unique_fd.h"

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>

#include <array>
#include <cerrno>
#include <csignal>

namespace patd::cli {
namespace {

// posix_spawn's two parameter objects, as it wants them.
class SpawnPlan {
  public:
    explicit SpawnPlan(int output) {
        posix_spawn_file_actions_init(&actions_);
        posix_spawn_file_actions_addopen(&actions_, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
        posix_spawn_file_actions_adddup2(&actions_, output, STDOUT_FILENO);
        // patctl ignores SIGPIPE, and an ignored signal would stay ignored.
        sigset_t signals{};
        sigemptyset(&signals);
        sigaddset(&signals, SIGPIPE);
        posix_spawnattr_init(&attributes_);
        posix_spawnattr_setsigdefault(&attributes_, &signals);
        posix_spawnattr_setflags(&attributes_, POSIX_SPAWN_SETSIGDEF);
    }
    SpawnPlan(const SpawnPlan&) = delete;
    SpawnPlan& operator=(const SpawnPlan&) = delete;
    ~SpawnPlan() {
        posix_spawnattr_destroy(&attributes_);
        posix_spawn_file_actions_destroy(&actions_);
    }

    Result<pid_t> start(const std::vector<std::string>& arguments) const {
        std::vector<std::string> copies = arguments;
        std::vector<char*> pointers;
        pointers.reserve(copies.size() + 1);
        for (std::string& copy : copies)
            pointers.push_back(copy.data());
        pointers.push_back(nullptr);
        pid_t child = 0;
        if (posix_spawnp(&child, pointers[0], &actions_, &attributes_, pointers.data(), environ) !=
            0)
            return Error{Errc::Unavailable, arguments[0] + " cannot be started"};
        return child;
    }

  private:
    posix_spawn_file_actions_t actions_{};
    posix_spawnattr_t attributes_{};
};

std::string read_output(int fd) {
    std::string output;
    std::array<char, 4096> chunk{};
    while (true) {
        const ssize_t count = read(fd, chunk.data(), chunk.size());
        if (count < 0 && errno == EINTR)
            continue;
        if (count <= 0)
            return output;
        output.append(chunk.data(), static_cast<std::size_t>(count));
    }
}

int wait_for(pid_t child) {
    int status = 0;
    while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
    }
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

}  // namespace

Result<ProcessResult> run_process(const std::vector<std::string>& arguments) {
    std::array<int, 2> ends{};
    if (pipe2(ends.data(), O_CLOEXEC) < 0)
        return Error{Errc::Internal, "no pipe is free"};
    const UniqueFd reading(ends[0]);
    UniqueFd writing(ends[1]);
    const pid_t child = TRY(SpawnPlan(writing.get()).start(arguments));
    writing.reset();
    std::string output = read_output(reading.get());
    return ProcessResult{wait_for(child), std::move(output)};
}

}  // namespace patd::cli
