// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "cli/io/descriptor_io.h"

#include <unistd.h>

#include <array>
#include <cerrno>
#include <string>
#include <system_error>

namespace patd::cli {
namespace {

constexpr std::string_view kOutputFailed = "The output cannot be written: ";

enum class Took { Byte, End, Failed };

Took read_byte(int fd, std::span<char, 1> byte) {
    ssize_t count = 0;
    do {
        count = read(fd, byte.data(), 1);
    } while (count < 0 && errno == EINTR);
    return count < 0 ? Took::Failed : count == 0 ? Took::End : Took::Byte;
}

}  // namespace

Result<void> write_all(int fd, std::span<const char> bytes) {
    while (!bytes.empty()) {
        const ssize_t count = write(fd, bytes.data(), bytes.size());
        if (count < 0 && errno == EINTR)
            continue;
        if (count < 0)
            return Error{Errc::Internal,
                         std::string(kOutputFailed) + std::generic_category().message(errno)};
        bytes = bytes.subspan(static_cast<std::size_t>(count));
    }
    return {};
}

bool is_output_error(const Error& error) {
    return error.code == Errc::Internal && error.context.starts_with(kOutputFailed);
}

Result<SecretBuffer> read_secret_line(int fd, std::size_t limit) {
    SecretBuffer line(limit);
    std::array<char, 1> byte{};
    bool too_long = false;
    Took took = read_byte(fd, byte);
    if (took == Took::End)
        return Error{Errc::Cancelled,
                     "descriptor " + std::to_string(fd) + " has no line left to answer with"};
    while (took == Took::Byte && byte[0] != '\n') {
        too_long = !line.append(byte) || too_long;
        took = read_byte(fd, byte);
    }
    const int reason = errno;
    wipe(byte);
    if (took == Took::Failed)
        return Error{Errc::Cancelled, "descriptor " + std::to_string(fd) + ": " +
                                          std::generic_category().message(reason)};
    if (too_long)
        return Errc::InvalidSecret;
    return line;
}

Result<void> read_to_end(int fd, SecretBuffer& into) {
    while (true) {
        const std::span<char> room = into.free_space();
        const ssize_t count = room.empty() ? 0 : read(fd, room.data(), room.size());
        if (count < 0 && errno == EINTR)
            continue;
        if (count < 0)
            return Error{Errc::BadFile, std::generic_category().message(errno)};
        if (count == 0)
            return {};
        into.grow(static_cast<std::size_t>(count));
    }
}

}  // namespace patd::cli
