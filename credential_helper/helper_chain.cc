// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "credential_helper/helper_chain.h"

#include "common/base/unique_fd.h"
#include "common/line/helper_command.h"
#include "common/line/line_message.h"
#include "credential_helper/git_config.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <optional>
#include <string>
#include <vector>

namespace patd::credential_helper {
namespace {

using std::chrono::duration_cast;
using std::chrono::milliseconds;
using Clock = std::chrono::steady_clock;

constexpr std::string_view kSection = "credential.";
constexpr std::string_view kVariable = ".helper";

bool starts_with_any_case(std::string_view text, std::string_view beginning) {
    const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? char(c - 'A' + 'a') : c; };
    return text.size() >= beginning.size() &&
           std::equal(beginning.begin(), beginning.end(), text.begin(),
                      [&](char a, char b) { return lower(a) == lower(b); });
}

// The host of a URL or of `host:port`, without the port; "" when it cannot be told.
std::string_view host_name(std::string_view text) {
    if (const std::size_t scheme = text.find("://"); scheme != std::string_view::npos)
        text.remove_prefix(scheme + 3);
    text = text.substr(0, text.find('/'));
    if (const std::size_t user = text.rfind('@'); user != std::string_view::npos)
        text.remove_prefix(user + 1);
    if (text.starts_with('['))
        return text.substr(0, text.find(']'));
    if (text.find_first_of("*%") != std::string_view::npos)
        return "";
    return text.substr(0, text.find(':'));
}

// Whether a section for `url` may speak of that server; "" is for all.
bool may_apply(std::string_view url, std::string_view host) {
    const std::string_view name = host_name(url), wanted = host_name(host);
    return name.empty() || wanted.empty() ||
           (name.size() == wanted.size() && starts_with_any_case(name, wanted));
}

bool is_exactly(std::string_view url, std::string_view protocol, std::string_view host) {
    std::string origin(protocol);
    origin.append("://").append(host);
    return url == origin || url == origin + "/";
}

Result<std::size_t> read_in_time(int fd, std::span<char> room, Clock::time_point end) {
    while (true) {
        const auto left = duration_cast<milliseconds>(end - Clock::now());
        if (left.count() <= 0)
            return Errc::Unavailable;
        pollfd entry{fd, POLLIN, 0};
        if (poll(&entry, 1, static_cast<int>(left.count())) <= 0)
            continue;
        const ssize_t got = read(fd, room.data(), room.size());
        if (got >= 0)
            return static_cast<std::size_t>(got);
        if (errno != EINTR)
            return Errc::Unavailable;
    }
}

// All that comes until the end; nothing when that is too much, or too late.
std::optional<std::string> read_all(int fd, Clock::time_point end) {
    std::string text;
    std::array<char, 4096> piece{};
    while (text.size() <= limits::kGitHelpersBytes) {
        const Result<std::size_t> got = read_in_time(fd, piece, end);
        if (!got)
            return std::nullopt;
        if (*got == 0)
            return text;
        text.append(piece.data(), *got);
    }
    return std::nullopt;
}

// The own one without $GIT_CONFIG: it names the file that `git config` reads, and nobody else of
// git's.
std::vector<char*> environment_of_git() {
    std::vector<char*> environment;
    for (char** entry = environ; *entry != nullptr; ++entry) {
        if (!std::string_view(*entry).starts_with("GIT_CONFIG="))
            environment.push_back(*entry);
    }
    environment.push_back(nullptr);
    return environment;
}

// git with its output in a pipe, whose other end is `output`; -1: there is none.
pid_t start_git(int output) {
    posix_spawn_file_actions_t actions;
    if (posix_spawn_file_actions_init(&actions) != 0)
        return -1;
    (void)posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    (void)posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO);
    (void)posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
    std::array<std::string, 5> words = {"git", "config", "--null", "--get-regexp",
                                        "^credential\\.(.*\\.)?helper$"};
    std::array<char*, 6> arguments{};
    std::transform(words.begin(), words.end(), arguments.begin(),
                   [](std::string& word) { return word.data(); });
    std::vector<char*> environment = environment_of_git();
    pid_t child = -1;
    if (posix_spawnp(&child, "git", &actions, nullptr, arguments.data(), environment.data()) != 0)
        child = -1;
    (void)posix_spawn_file_actions_destroy(&actions);
    return child;
}

std::optional<std::string> ask_git(milliseconds deadline) {
    const Clock::time_point end = Clock::now() + deadline;
    std::array<int, 2> ends{};
    if (pipe2(ends.data(), O_CLOEXEC) != 0)
        return std::nullopt;
    const UniqueFd input(ends[0]);
    UniqueFd output(ends[1]);
    const pid_t child = start_git(output.get());
    if (child < 0)
        return std::nullopt;
    output.reset();
    std::optional<std::string> text = read_all(input.get(), end);
    if (!text)
        (void)kill(child, SIGKILL);
    int status = 0;
    while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
    }
    return WIFEXITED(status) && WEXITSTATUS(status) == 0 ? text : std::nullopt;
}

bool understands_authtype(const line::LineMessage& request) {
    const auto attributes = request.attributes();
    return std::any_of(attributes.begin(), attributes.end(), [](const auto& attribute) {
        return attribute.key == "capability[]" && attribute.value == "authtype";
    });
}

}  // namespace

bool is_alone(std::string_view helpers, std::string_view protocol, std::string_view host) {
    bool others = false;
    bool ours = false;
    while (!helpers.empty()) {
        const std::string_view entry = helpers.substr(0, helpers.find('\0'));
        helpers.remove_prefix(std::min(entry.size() + 1, helpers.size()));
        const std::string_view key = entry.substr(0, entry.find('\n'));
        if (key.size() == entry.size() || !key.starts_with(kSection) || !key.ends_with(kVariable))
            return false;
        const std::string_view value = entry.substr(key.size() + 1);
        std::string_view url;
        if (key.size() > kSection.size() + kVariable.size())
            url = key.substr(kSection.size(), key.size() - kSection.size() - kVariable.size());
        if (!url.empty() && !may_apply(url, host))
            continue;
        if (value.empty() && (url.empty() || is_exactly(url, protocol, host)))
            others = ours = false;
        else if (line::find_helper_program(value))
            ours = true;
        else if (!value.empty())
            others = true;
    }
    return ours && !others;
}

void note_chain(SecretBuffer& request, milliseconds deadline) {
    std::size_t consumed = 0;
    line::LineMessage message;
    const Result<bool> is_whole = message.read(request.reveal(), false, consumed);
    if (!is_whole || !*is_whole || message.get("op") != "get" || !understands_authtype(message))
        return;
    std::optional<std::string> helpers = read_helper_lines();
    if (!helpers)
        helpers = ask_git(deadline);
    if (!helpers || !is_alone(*helpers, message.get("protocol"), message.get("host")))
        return;
    // In the place of the blank line, which comes after it again.
    request.drop_last(1);
    if (!request.append(std::string_view("alone=1\n\n")))
        (void)request.append(std::string_view("\n"));
}

}  // namespace patd::credential_helper
