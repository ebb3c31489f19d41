// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "bench/storm/line_attack.h"

#include "common/base/unique_fd.h"

#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <stdexcept>
#include <string_view>

namespace patd::bench {
namespace {

constexpr std::size_t kConnections = 32;
constexpr std::size_t kWriteBytes = 32768;
constexpr int kPatienceMs = 20;

// Empty if the listener's queue is full.
UniqueFd connect_at_once(const std::string& path) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (path.size() >= sizeof(address.sun_path))
        throw std::runtime_error("socket path too long");
    path.copy(address.sun_path, path.size());
    UniqueFd socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    if (::connect(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0)
        socket.reset();
    return socket;
}

bool is_for_later(ssize_t result) {
    return result < 0 && (errno == EAGAIN || errno == EINTR);
}

std::size_t count_ends(std::string_view bytes) {
    std::size_t count = 0;
    for (std::size_t at = bytes.find("\n\n"); at != std::string_view::npos;
         at = bytes.find("\n\n", at + 2))
        ++count;
    return count;
}

class Flooder {
  public:
    Flooder(const Aim& aim, Tally& tally, const Flood& how)
        : aim_(aim), tally_(tally), how_(how), peers_(how.connections), polled_(how.connections) {}

    void turn() {
        for (std::size_t i = 0; i < peers_.size(); ++i) {
            if (!peers_[i].socket)
                peers_[i] = {connect_at_once(aim_.line_socket), 0};
            const int events = POLLOUT | (how_.reads ? POLLIN : 0);
            polled_[i] = {peers_[i].socket.get(), static_cast<short>(events), 0};
        }
        ::poll(polled_.data(), polled_.size(), kPatienceMs);
        for (std::size_t i = 0; i < peers_.size(); ++i)
            serve(peers_[i], polled_[i].revents);
    }

  private:
    struct Peer {
        UniqueFd socket;
        std::size_t written = 0;  // of the requests
    };

    void serve(Peer& peer, short events) {
        const bool lost = (events & (POLLERR | POLLHUP)) != 0 && (events & POLLIN) == 0;
        if (lost || ((events & POLLIN) != 0 && !read(peer)) ||
            ((events & POLLOUT) != 0 && !write(peer))) {
            peer.socket.reset();
            ++tally_.closed;
        }
    }
    bool read(const Peer& peer) {
        const ssize_t got = ::recv(peer.socket.get(), buffer_.data(), buffer_.size(), 0);
        if (got > 0)
            tally_.answered += count_ends({buffer_.data(), static_cast<std::size_t>(got)});
        return got > 0 || is_for_later(got);
    }
    bool write(Peer& peer) {
        const ssize_t sent = ::send(peer.socket.get(), how_.requests.data() + peer.written,
                                    how_.requests.size() - peer.written, MSG_NOSIGNAL);
        if (sent < 0)
            return is_for_later(sent);
        peer.written += static_cast<std::size_t>(sent);
        if (peer.written == how_.requests.size()) {
            peer.written = 0;
            tally_.sent += how_.count;
        }
        return true;
    }

    const Aim& aim_;
    Tally& tally_;
    const Flood& how_;
    std::vector<Peer> peers_;
    std::vector<pollfd> polled_;
    std::array<char, 65536> buffer_{};
};

UniqueFd begin(const Aim& aim, const std::string& beginning) {
    UniqueFd socket = connect_at_once(aim.line_socket);
    if (socket && !beginning.empty())
        (void)::send(socket.get(), beginning.data(), beginning.size(), MSG_NOSIGNAL);
    return socket;
}

}  // namespace

void flood(const Aim& aim, Tally& tally, const Flood& how) {
    Flooder flooder(aim, tally, how);
    while (true)
        flooder.turn();
}

Flood flood_of(const std::string& request) {
    Flood flood;
    flood.count = std::max<std::size_t>(kWriteBytes / request.size(), 1);
    for (std::size_t i = 0; i < flood.count; ++i)
        flood.requests += request;
    return flood;
}

void hold(const Aim& aim, Tally& tally, const std::string& beginning) {
    std::array<UniqueFd, kConnections> sockets;
    std::array<pollfd, kConnections> polled{};
    while (true) {
        for (std::size_t i = 0; i < sockets.size(); ++i) {
            if (!sockets[i]) {
                sockets[i] = begin(aim, beginning);
                tally.sent += sockets[i] ? 1 : 0;
            }
            polled[i] = {sockets[i].get(), POLLIN, 0};
        }
        ::poll(polled.data(), polled.size(), kPatienceMs);
        for (std::size_t i = 0; i < sockets.size(); ++i) {
            if (polled[i].revents == 0)
                continue;
            sockets[i].reset();
            ++tally.closed;
        }
    }
}

void come_and_go(const Aim& aim, Tally& tally, const std::string& beginning) {
    while (true) {
        std::array<UniqueFd, kConnections> sockets;
        std::size_t opened = 0;
        for (UniqueFd& socket : sockets) {
            socket = begin(aim, beginning);
            opened += socket ? 1 : 0;
        }
        tally.sent += opened;
        if (opened == 0)
            ::poll(nullptr, 0, 1);
    }
}

}  // namespace patd::bench
