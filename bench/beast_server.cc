// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors

// beast_server SOCKET [--asks]: what patd-http is measured against. The same parser of HTTP, one
// epoll loop, and an answer that is always the same, to every request that comes in one piece.
// With --asks it first asks another process, which answers all at once and does nothing else: what
// a patd-http could reach whose own work and patd's took no time.
#include "bench/report.h"
#include "common/base/unique_fd.h"
#include "common/base/unix_socket.h"

#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <deque>
#include <map>
#include <optional>
#include <stdexcept>
#include <string_view>

namespace patd::bench {
namespace {

namespace http = boost::beast::http;

constexpr std::string_view kAnswer =
    "HTTP/1.1 200 OK\r\nContent-Length: 3\r\nContent-Type: text/plain\r\n\r\nok\n";
constexpr std::size_t kBufferBytes = 32768;
// As long as patd-http's and patd's.
constexpr std::size_t kQuestionBytes = 177;
constexpr std::size_t kReplyBytes = 114;

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

bool send_all(int fd, std::string_view bytes) {
    return send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(bytes.size());
}

// Whether there was a request.
bool read_request(int fd) {
    std::array<char, kBufferBytes> buffer{};
    const ssize_t count = recv(fd, buffer.data(), buffer.size(), 0);
    if (count <= 0)
        return false;
    http::request_parser<http::string_body> parser;
    parser.eager(true);
    boost::beast::error_code error;
    (void)parser.put(boost::asio::buffer(buffer.data(), static_cast<std::size_t>(count)), error);
    return !error && parser.is_done();
}

// The other process: a reply for each question, those that came together in one write.
int echo(const UniqueFd& socket) {
    std::array<char, kBufferBytes> buffer{};
    std::size_t bytes = 0;
    while (true) {
        const ssize_t count = recv(socket.get(), buffer.data(), buffer.size(), 0);
        if (count <= 0)
            return 0;
        bytes += static_cast<std::size_t>(count);
        const std::size_t questions = bytes / kQuestionBytes;
        bytes %= kQuestionBytes;
        if (questions > 0 && !send_all(socket.get(), {buffer.data(), questions * kReplyBytes}))
            return 1;
    }
}

// The questions of a round go out in one write, as patd-http's.
class Asking {
  public:
    Asking() {
        std::array<int, 2> ends{};
        must(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) == 0, "socketpair");
        socket_.reset(ends[0]);
        UniqueFd other(ends[1]);
        const pid_t child = fork();
        must(child >= 0, "fork");
        if (child > 0)
            return;
        socket_.reset();
        _exit(echo(other));
    }

    int fd() const { return socket_.get(); }
    void ask(int client) {
        waiting_.push_back(client);
        ++unsent_;
    }
    void send_round() {
        static constexpr std::array<char, kBufferBytes> kQuestions{};
        const std::size_t count = std::min(unsent_, kQuestions.size() / kQuestionBytes);
        if (count > 0)
            must(send_all(fd(), {kQuestions.data(), count * kQuestionBytes}), "send");
        unsent_ -= count;
    }
    void receive() {
        std::array<char, kBufferBytes> buffer{};
        const ssize_t count = recv(fd(), buffer.data(), buffer.size(), 0);
        must(count > 0, "recv");
        bytes_ += static_cast<std::size_t>(count);
        for (; bytes_ >= kReplyBytes; bytes_ -= kReplyBytes) {
            (void)send_all(waiting_.front(), kAnswer);
            waiting_.pop_front();
        }
    }

  private:
    UniqueFd socket_;
    std::deque<int> waiting_;  // the clients that wait for a reply
    std::size_t unsent_ = 0;
    std::size_t bytes_ = 0;
};

int serve(const char* path, Asking* asking) {
    const UniqueFd listener(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    const sockaddr_un address = unix_address(path).value();
    must(bind(listener.get(), as_sockaddr(address), sizeof address) == 0, "bind");
    must(listen(listener.get(), SOMAXCONN) == 0, "listen");
    const UniqueFd epoll(epoll_create1(EPOLL_CLOEXEC));
    watch(epoll.get(), listener.get());
    if (asking != nullptr)
        watch(epoll.get(), asking->fd());
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
            } else if (asking != nullptr && fd == asking->fd()) {
                asking->receive();
            } else if (!read_request(fd)) {
                connections.erase(fd);
            } else if (asking != nullptr) {
                asking->ask(fd);
            } else {
                (void)send_all(fd, kAnswer);
            }
        }
        if (asking != nullptr)
            asking->send_round();
    }
}

}  // namespace
}  // namespace patd::bench

int main(int argc, char** argv) {
    return patd::bench::guarded([&] {
        std::optional<patd::bench::Asking> asking;
        if (argc == 3 && std::string_view(argv[2]) == "--asks")
            asking.emplace();
        else if (argc != 2)
            return 2;
        return patd::bench::serve(argv[1], asking ? &*asking : nullptr);
    });
}
