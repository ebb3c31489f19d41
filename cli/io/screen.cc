// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "cli/io/screen.h"

#include "cli/io/descriptor_io.h"
#include "cli/io/process.h"
#include "common/base/unique_fd.h"

#include <fcntl.h>
#include <spawn.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <string>
#include <vector>

namespace patd::cli {
namespace {

// As git starts it: leave what was shown, end where it fits on the screen, pass colours on.
constexpr char kLessOptions[] = "FRX";
constexpr std::array kTypedSignals = {SIGINT, SIGQUIT};

std::string_view environment_text(const char* name) {
    const char* value = secure_getenv(name);
    return value == nullptr ? std::string_view() : std::string_view(value);
}

bool is_root() {
    return getuid() == 0 || geteuid() == 0;
}

// Of this process, which may have become one of another account since.
const bool kBeganAsRoot = is_root();

// Nothing: no pager is wanted.
std::vector<std::string> pager() {
    if (is_root())
        return {"less"};
    // It would run what that account's ~/.lesskey says, on root's terminal.
    if (kBeganAsRoot)
        return {};
    for (const char* name : {"PATCTL_PAGER", "PAGER"}) {
        if (secure_getenv(name) == nullptr)
            continue;
        const std::string_view command = environment_text(name);
        if (command.empty() || command == "cat")
            return {};
        return {"/bin/sh", "-c", std::string(command)};
    }
    return {"less"};
}

std::vector<std::string> pager_environment() {
    std::vector<std::string> entries;
    for (char** entry = environ; *entry != nullptr; ++entry) {
        const std::string_view text = *entry;
        if (!is_root() || !text.starts_with("LESS"))
            entries.emplace_back(text);
    }
    if (is_root())
        entries.emplace_back("LESSSECURE=1");
    if (is_root() || secure_getenv("LESS") == nullptr)
        entries.push_back(std::string("LESS=") + kLessOptions);
    return entries;
}

// While it lives, what is typed to end the pager's search or output does not end patctl.
class SignalsIgnored {
  public:
    SignalsIgnored() {
        for (std::size_t i = 0; i < kTypedSignals.size(); ++i)
            previous_.at(i) = std::signal(kTypedSignals.at(i), SIG_IGN);
    }
    SignalsIgnored(const SignalsIgnored&) = delete;
    SignalsIgnored& operator=(const SignalsIgnored&) = delete;
    ~SignalsIgnored() {
        for (std::size_t i = 0; i < kTypedSignals.size(); ++i)
            std::signal(kTypedSignals.at(i), previous_.at(i));
    }

  private:
    std::array<void (*)(int), kTypedSignals.size()> previous_{};
};

// The pager's process, which reads `input` and shows it on `output`; 0 when it cannot be started.
pid_t start_pager(std::vector<std::string> command, int input, int output) {
    posix_spawn_file_actions_t actions{};
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, input, STDIN_FILENO);
    posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO);
    sigset_t signals{};
    sigemptyset(&signals);
    for (const int signal : {SIGPIPE, SIGINT, SIGQUIT})
        sigaddset(&signals, signal);
    posix_spawnattr_t attributes{};
    posix_spawnattr_init(&attributes);
    posix_spawnattr_setsigdefault(&attributes, &signals);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGDEF);
    std::vector<std::string> environment = pager_environment();
    pid_t child = 0;
    if (posix_spawnp(&child, command[0].c_str(), &actions, &attributes, to_pointers(command).data(),
                     to_pointers(environment).data()) != 0)
        child = 0;
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&actions);
    return child;
}

// Whether a pager showed it.
bool show_in_pager(int fd, std::string_view text) {
    const std::vector<std::string> command = pager();
    std::array<int, 2> ends{};
    if (command.empty() || pipe2(ends.data(), O_CLOEXEC) < 0)
        return false;
    UniqueFd reading(ends[0]);
    UniqueFd writing(ends[1]);
    const SignalsIgnored ignored;
    const pid_t child = start_pager(command, reading.get(), fd);
    if (child == 0)
        return false;
    reading.reset();
    (void)write_all(writing.get(), text);  // the reader may have seen enough
    writing.reset();
    int status = 0;
    while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
    }
    // What the shell says where there is no such program.
    return !WIFEXITED(status) || (WEXITSTATUS(status) != 127 && WEXITSTATUS(status) != 126);
}

}  // namespace

std::optional<ScreenSize> screen_size(int fd) {
    winsize size{};
    if (ioctl(fd, TIOCGWINSZ, &size) < 0 || size.ws_col == 0 || size.ws_row == 0)
        return std::nullopt;
    return ScreenSize{size.ws_col, size.ws_row};
}

bool shows_color(int fd) {
    const std::string_view terminal = environment_text("TERM");
    return isatty(fd) == 1 && environment_text("NO_COLOR").empty() && !terminal.empty() &&
           terminal != "dumb";
}

Result<void> write_paged(int fd, std::string_view text) {
    const std::optional<ScreenSize> size = screen_size(fd);
    const auto lines = std::count(text.begin(), text.end(), '\n');
    if (size && static_cast<std::size_t>(lines) >= size->rows && show_in_pager(fd, text))
        return {};
    return write_all(fd, text);
}

}  // namespace patd::cli
