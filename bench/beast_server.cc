// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors

// beast_server SOCKET: what patd-http is measured against. The same parser of HTTP, one epoll loop,
// and an answer that is always the same, to every request that comes in one piece.
#include "bench/report.h"
#include "common/base/unique_fd.h"
#include "common/base/unix_socket.h"

#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <map>
#include <stdexcept>
#include <string_view>

namespace patd::bench {
namespace {

namespace http = boost::beast::http;

constexpr std::string_view kAnswer =
    "HTTP/1.1 200 OK\r\nContent-Length: 3\r\nContent-Type: text/plain\r\n\r\nok\n";
constexpr std::size_t kBufferBytes = 32768;

void must(bool done, const char* what) {
    if (!done)
        throw std::runtime_error(what);
}

void watch(int epoll, int fd) {
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.fd = fd;
    must(epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event) == 0, "epoll_ctl");
}

// Whether the connection goes on.
bool answer(int fd) {
    std::array<char, kBufferBytes> buffer{};
    const ssize_t count = recv(fd, buffer.data(), buffer.size(), 0);
    if (count <= 0)
        return false;
    http::request_parser<http::string_body> parser;
    parser.eager(true);
    boost::beast::error_code error;
    (void)parser.put(boost::asio::buffer(buffer.data(), static_cast<std::size_t>(count)), error);
    return !error && parser.is_done() &&
           send(fd, kAnswer.data(), kAnswer.size(), MSG_NOSIGNAL) ==
               static_cast<ssize_t>(kAnswer.size());
}

int serve(const char* path) {
    const UniqueFd listener(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    const sockaddr_un address = unix_address(path).value();
    must(bind(listener.get(), as_sockaddr(address), sizeof address) == 0, "bind");
    must(listen(listener.get(), SOMAXCONN) == 0, "listen");
    const UniqueFd epoll(epoll_create1(EPOLL_CLOEXEC));
    watch(epoll.get(), listener.get());
    std::map<int, UniqueFd> connections;
    std::array<epoll_event, 64> events{};
    while (true) {
        const int count = epoll_wait(epoll.get(), events.data(), events.size(), -1);
        for (int i = 0; i < count; ++i) {
            const int fd = events[static_cast<std::size_t>(i)].data.fd;
            if (fd == listener.get()) {
                UniqueFd fresh(accept4(fd, nullptr, nullptr, SOCK_CLOEXEC));
                watch(epoll.get(), fresh.get());
                connections.emplace(fresh.get(), std::move(fresh));
            } else if (!answer(fd)) {
                connections.erase(fd);
            }
        }
    }
}

}  // namespace
}  // namespace patd::bench

int main(int argc, char** argv) {
    return patd::bench::guarded([&] { return argc == 2 ? patd::bench::serve(argv[1]) : 2; });
}
