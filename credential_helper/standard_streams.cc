// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "credential_helper/standard_streams.h"

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <string>

namespace patd::credential_helper {
namespace {

using std::chrono::duration_cast;
using std::chrono::milliseconds;
using Clock = std::chrono::steady_clock;

// Whether nobody can write to `fd` any more.
Result<bool> wait_readable(int fd, Clock::time_point deadline) {
    while (true) {
        const auto left = duration_cast<milliseconds>(deadline - Clock::now());
        if (left.count() <= 0)
            return Error{Errc::MalformedRequest, "not complete in time"};
        pollfd entry{fd, POLLIN, 0};
        const int ready = poll(&entry, 1, static_cast<int>(left.count()));
        if (ready > 0)
            return (entry.revents & POLLHUP) != 0;
        if (ready < 0 && errno != EINTR)
            return Error{Errc::MalformedRequest, "poll"};
    }
}

// How many bytes came; 0 at the end of the input.
Result<std::size_t> read_some(int fd, SecretBuffer& buffer) {
    const std::span<char> room = buffer.free_space();
    while (true) {
        const ssize_t got = read(fd, room.data(), room.size());
        if (got >= 0) {
            buffer.grow(static_cast<std::size_t>(got));
            return static_cast<std::size_t>(got);
        }
        if (errno != EINTR)
            return Error{Errc::MalformedRequest, "read"};
    }
}

bool has_line_end(const SecretBuffer& input) {
    const std::span<const char> bytes = input.reveal();
    return std::find(bytes.begin(), bytes.end(), '\n') != bytes.end();
}

}  // namespace

Result<void> ensure_standard_streams() {
    // One call says which are closed.
    std::array<pollfd, STDERR_FILENO + 1> streams{};
    for (int fd = 0; fd <= STDERR_FILENO; ++fd)
        streams[static_cast<std::size_t>(fd)].fd = fd;
    const auto is_open = [](const pollfd& stream) { return (stream.revents & POLLNVAL) == 0; };
    if (poll(streams.data(), streams.size(), 0) >= 0 &&
        std::all_of(streams.begin(), streams.end(), is_open))
        return {};
    for (int fd = 0; fd <= STDERR_FILENO; ++fd) {
        // open(2) takes the lowest free number, which is `fd` here.
        if (fcntl(fd, F_GETFD) < 0 && open("/dev/null", O_RDWR) != fd)
            return Errc::Unavailable;
    }
    return {};
}

Result<SecretBuffer> read_request(Verb verb, int fd, const Narrowing& narrowing,
                                  milliseconds deadline) {
    const Clock::time_point end = Clock::now() + deadline;
    const bool is_terminal = isatty(fd) == 1;
    SecretBuffer request = begin_request(verb, narrowing);
    bool at_end = verb == Verb::Capability;  // which has no input
    while (!TRY(complete_request(request, at_end))) {
        const bool is_closed = !is_terminal && TRY(wait_readable(fd, end));
        const std::size_t room = request.free_space().size();
        const std::size_t got = TRY(read_some(fd, request));
        // git has written all, as a rule: a pipe that nobody can write to was read to its end.
        at_end = got == 0 || (is_closed && got < room);
    }
    return request;
}

Result<void> read_tool_input(int fd, bool is_line, SecretBuffer& input, milliseconds deadline) {
    const Clock::time_point end = Clock::now() + deadline;
    const bool is_terminal = isatty(fd) == 1;
    while (!is_line || !has_line_end(input)) {
        if (input.size() == input.capacity())
            return Error{Errc::MalformedRequest, "too long"};
        if (!is_terminal)
            TRY(wait_readable(fd, end));
        if (TRY(read_some(fd, input)) == 0)
            break;
    }
    return {};
}

bool write_all(int fd, std::span<const char> bytes) {
    while (!bytes.empty()) {
        const ssize_t written = write(fd, bytes.data(), bytes.size());
        if (written < 0 && errno != EINTR)
            return false;
        if (written > 0)
            bytes = bytes.subspan(static_cast<std::size_t>(written));
    }
    return true;
}

bool write_output(std::initializer_list<std::span<const char>> parts, std::string_view program) {
    for (const std::span<const char> part : parts) {
        if (write_all(STDOUT_FILENO, part))
            continue;
        complain(std::string("the output cannot be written: ") + std::strerror(errno), program);
        return false;
    }
    return true;
}

void complain(std::string_view text, std::string_view program) {
    if (text.empty())
        return;
    std::string line(program);
    line.append(": ").append(text).append("\n");
    // Nothing can be done when nobody reads it.
    (void)write_all(STDERR_FILENO, line);
}

}  // namespace patd::credential_helper
