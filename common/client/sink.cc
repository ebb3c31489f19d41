// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "common/client/sink.h"

#include "common/base/limits.h"

#include <poll.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>

namespace patd::client {
namespace {

Result<void> wait_readable(int fd) {
    pollfd entry{fd, POLLIN, 0};
    int ready = 0;
    do {
        ready = poll(&entry, 1, static_cast<int>(limits::kClientDeadline.count()));
    } while (ready < 0 && errno == EINTR);
    if (ready <= 0)
        return Error{Errc::Unavailable, "the secret did not arrive"};
    return {};
}

}  // namespace

Result<SecretSink> SecretSink::create() {
    std::array<int, 2> ends{};
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) < 0)
        return Error{Errc::Internal, "no socket is free"};
    SecretSink sink{UniqueFd(ends[0]), UniqueFd(ends[1])};
    if (shutdown(sink.passed(), SHUT_RD) < 0)
        return Error{Errc::Internal, "a socket cannot be shut"};
    return sink;
}

Result<SecretBuffer> SecretSink::receive() {
    passed_.reset();
    SecretBuffer secret(limits::kTokenSecretBytes + 1);
    while (true) {
        TRY(wait_readable(own_.get()));
        const std::span<char> room = secret.free_space();
        const ssize_t count = recv(own_.get(), room.data(), room.size(), 0);
        if (count == 0)
            return secret;
        if (count < 0 && errno == EINTR)
            continue;
        if (count < 0)
            return Error{Errc::Unavailable, "the secret did not arrive"};
        secret.grow(static_cast<std::size_t>(count));
        if (secret.size() > limits::kTokenSecretBytes)
            return Errc::LimitExceeded;
    }
}

Result<void> write_into(UniqueFd sink, std::span<const char> bytes) {
    while (!bytes.empty()) {
        const ssize_t count = send(sink.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (count < 0 && errno == EINTR)
            continue;
        if (count < 0)
            return Error{Errc::Unavailable, "the service does not take the answer"};
        bytes = bytes.subspan(static_cast<std::size_t>(count));
    }
    // Signals the end even while a bus monitor holds a duplicate.
    (void)shutdown(sink.get(), SHUT_WR);
    return {};
}

}  // namespace patd::client
