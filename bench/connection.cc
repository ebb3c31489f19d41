// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "bench/connection.h"

#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>

#include <stdexcept>

namespace patd::bench {
namespace {

// connect(2) obeys the send timeout when the listener's queue is full.
void limit_waiting(int socket, std::chrono::milliseconds patience) {
    const timeval limit{patience.count() / 1000, patience.count() % 1000 * 1000};
    (void)::setsockopt(socket, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit));
    (void)::setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
}

UniqueFd connect_to(const std::string& socket_path, std::chrono::milliseconds patience) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (socket_path.size() >= sizeof(address.sun_path))
        throw std::runtime_error("socket path too long");
    socket_path.copy(address.sun_path, socket_path.size());
    UniqueFd socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    if (patience.count() != 0)
        limit_waiting(socket.get(), patience);
    if (::connect(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0)
        socket.reset();
    return socket;
}

}  // namespace

Connection::Connection(const std::string& socket_path, std::chrono::milliseconds patience)
    : socket_(connect_to(socket_path, patience)) {
    if (!socket_)
        throw std::runtime_error("nobody listens at " + socket_path);
}

void Connection::send(std::string_view bytes) {
    if (::send(socket_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL) !=
        static_cast<ssize_t>(bytes.size()))
        throw std::runtime_error("send");
}

// The bytes that came after the first `size`.
std::size_t Connection::receive(std::size_t size) {
    const ssize_t got = ::recv(socket_.get(), buffer_.data() + size, buffer_.size() - size, 0);
    if (got <= 0)
        throw std::runtime_error("connection closed");
    return static_cast<std::size_t>(got);
}

std::string_view Connection::call(std::string_view request, std::string_view end) {
    send(request);
    std::size_t size = 0;
    while (!std::string_view(buffer_.data(), size).ends_with(end))
        size += receive(size);
    return {buffer_.data(), size};
}

std::string_view Connection::call_for(std::string_view requests, std::size_t size) {
    send(requests);
    std::size_t got = 0;
    while (got < size)
        got += receive(got);
    return {buffer_.data(), got};
}

bool Connection::can_connect(const std::string& socket_path) {
    return static_cast<bool>(connect_to(socket_path, std::chrono::milliseconds(0)));
}

}  // namespace patd::bench
