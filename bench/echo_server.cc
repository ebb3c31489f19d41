// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors

// The least that a server on the line socket can do: one thread, epoll, one read(2) and one
// write(2) per request. `echo_server SOCKET` sends each request back; `echo_server SOCKET FILE`
// answers every request with the file's bytes, so that the benches can be tried without patd. At
// SOCKET, or at the socket that systemd passed. Built twice: alone, and with the libraries that
// patd needs loaded, to show what the start of a service with them costs.
#include "bench/use_libraries.h"
#include "common/base/limits.h"
#include "common/base/unique_fd.h"

#include <fcntl.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

namespace {

patd::UniqueFd listen_at(std::string_view path) {
    constexpr int kPassed = 3;  // sd_listen_fds(3); only such a start sets the variable
    if (std::getenv("LISTEN_FDS") != nullptr)
        return patd::UniqueFd(kPassed);
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    path.copy(address.sun_path, sizeof(address.sun_path) - 1);
    patd::UniqueFd listener(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    if (::bind(listener.get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0 ||
        ::listen(listener.get(), int{patd::limits::kLineBacklog}) != 0)
        listener.reset();
    return listener;
}

std::string contents(const char* path) {
    const patd::UniqueFd file(::open(path, O_RDONLY | O_CLOEXEC));
    std::string text(65536, '\0');
    const ssize_t got = ::read(file.get(), text.data(), text.size());
    text.resize(got > 0 ? static_cast<std::size_t>(got) : 0);
    return text;
}

void watch(int epoll, int fd) {
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.fd = fd;
    ::epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event);
}

void answer(int connection, std::string_view reply) {
    std::array<char, 65536> bytes;
    const ssize_t got = ::read(connection, bytes.data(), bytes.size());
    if (got <= 0) {
        ::close(connection);
        return;
    }
    const std::string_view request(bytes.data(), static_cast<std::size_t>(got));
    const std::string_view text = reply.empty() ? request : reply;
    (void)::send(connection, text.data(), text.size(), MSG_NOSIGNAL);
}

}  // namespace

int main(int argc, char** argv) {
    if (argc < 2 || !patd::bench::use_libraries())
        return 2;
    const std::string reply = argc > 2 ? contents(argv[2]) : "";
    const patd::UniqueFd listener = listen_at(argv[1]);
    const patd::UniqueFd epoll(::epoll_create1(EPOLL_CLOEXEC));
    if (!listener || !epoll)
        return 1;
    watch(epoll.get(), listener.get());
    std::array<epoll_event, 64> events;
    while (true) {
        const int ready = ::epoll_wait(epoll.get(), events.data(), events.size(), -1);
        for (int i = 0; i < ready; ++i) {
            const int fd = events[static_cast<std::size_t>(i)].data.fd;
            if (fd == listener.get())
                watch(epoll.get(), ::accept4(fd, nullptr, nullptr, SOCK_CLOEXEC));
            else
                answer(fd, reply);
        }
    }
}
