// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "cli/io/process.h"

#include "cli/io/descriptor_io.h"
#include "common/base/unique_fd.h"

#include <fcntl.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>

namespace patd::cli {
namespace {

// posix_spawn's two parameter objects, as it wants them.
class SpawnPlan {
  public:
    SpawnPlan(int input, int output, int errors) {
        posix_spawn_file_actions_init(&actions_);
        posix_spawn_file_actions_adddup2(&actions_, input, STDIN_FILENO);
        posix_spawn_file_actions_adddup2(&actions_, output, STDOUT_FILENO);
        posix_spawn_file_actions_adddup2(&actions_, errors, STDERR_FILENO);
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

    Result<pid_t> start(std::vector<std::string> arguments, const ProcessSetting& setting) const {
        std::vector<std::string> variables =
            setting.environment.value_or(std::vector<std::string>{});
        const std::vector<char*> pointers = to_pointers(arguments);
        const std::vector<char*> own = to_pointers(variables);
        pid_t child = 0;
        if (posix_spawnp(&child, pointers[0], &actions_, &attributes_, pointers.data(),
                         setting.environment ? own.data() : environ) != 0)
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

// All that was written into a file without a name.
std::string read_file(int fd) {
    return lseek(fd, 0, SEEK_SET) == 0 ? read_output(fd) : "";
}

// A file without a name that holds `text`, open at its beginning; /dev/null for nothing.
UniqueFd open_input(const std::string& text) {
    if (text.empty())
        return UniqueFd(open("/dev/null", O_RDONLY | O_CLOEXEC));
    UniqueFd file(memfd_create("input", MFD_CLOEXEC));
    if (!file || !write_all(file.get(), text) || lseek(file.get(), 0, SEEK_SET) != 0)
        return {};
    return file;
}

}  // namespace

std::vector<char*> to_pointers(std::vector<std::string>& texts) {
    std::vector<char*> pointers;
    pointers.reserve(texts.size() + 1);
    for (std::string& text : texts)
        pointers.push_back(text.data());
    pointers.push_back(nullptr);
    return pointers;
}

Result<ProcessResult> run_process(const std::vector<std::string>& arguments,
                                  const ProcessSetting& setting) {
    const UniqueFd input = open_input(setting.input);
    const UniqueFd errors(memfd_create("errors", MFD_CLOEXEC));
    std::array<int, 2> ends{};
    if (!input || !errors || pipe2(ends.data(), O_CLOEXEC) < 0)
        return Error{Errc::Internal, "no descriptor is free"};
    const UniqueFd reading(ends[0]);
    UniqueFd writing(ends[1]);
    const SpawnPlan plan(input.get(), writing.get(), errors.get());
    const pid_t child = TRY(plan.start(arguments, setting));
    writing.reset();
    std::string output = read_output(reading.get());
    const int status = wait_for(child);
    return ProcessResult{status, std::move(output), read_file(errors.get())};
}

}  // namespace patd::cli
