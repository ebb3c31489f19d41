// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "http/server.h"

#include "common/base/http_limits.h"
#include "common/base/log_messages.h"
#include "common/base/unix_socket.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <utility>

namespace patd::web {
namespace {

struct Address {
    sockaddr_storage bytes{};
    socklen_t length = sizeof bytes;

    sockaddr* get() { return reinterpret_cast<sockaddr*>(&bytes); }
    bool is_unix() const { return bytes.ss_family == AF_UNIX; }
    bool is_loopback() const {
        if (bytes.ss_family == AF_INET)
            return ntohl(reinterpret_cast<const sockaddr_in&>(bytes).sin_addr.s_addr) >> 24U == 127;
        return bytes.ss_family == AF_INET6 &&
               IN6_IS_ADDR_LOOPBACK(&reinterpret_cast<const sockaddr_in6&>(bytes).sin6_addr);
    }
    std::string text() const {
        if (is_loopback())
            return "127.0.0.1";  // all of its addresses are one peer's
        std::array<char, INET6_ADDRSTRLEN> text{};
        const void* address = &reinterpret_cast<const sockaddr_in&>(bytes).sin_addr;
        if (bytes.ss_family == AF_INET6)
            address = &reinterpret_cast<const sockaddr_in6&>(bytes).sin6_addr;
        (void)inet_ntop(bytes.ss_family, address, text.data(), text.size());
        return text.data();
    }
};

bool is_one_of(const std::vector<Uid>& uids, Uid uid) {
    return std::find(uids.begin(), uids.end(), uid) != uids.end();
}

// Nothing if the kernel does not say who it is.
std::optional<WebPeer> identify(int socket, const HttpSettings& settings) {
    Address address;
    if (getpeername(socket, address.get(), &address.length) != 0)
        return std::nullopt;
    if (!address.is_unix())
        return WebPeer{address.text(), false, settings.tls_in_front};
    const Result<Peer> peer = find_peer(socket);
    if (!peer)
        return std::nullopt;
    return WebPeer{"uid " + std::to_string(peer->uid.value()),
                   is_one_of(settings.introspection_accounts, peer->uid),
                   is_one_of(settings.server_accounts, peer->uid),
                   is_one_of(settings.gateway_accounts, peer->uid)};
}

bool is_listening(int socket) {
    int value = 0;
    socklen_t length = sizeof value;
    return getsockopt(socket, SOL_SOCKET, SO_ACCEPTCONN, &value, &length) == 0 && value == 1;
}

}  // namespace

Server::Server(bus::EventLoop& loop, Sockets& sockets, const HttpSettings& settings,
               Endpoints& endpoints)
    : loop_(loop), sockets_(sockets), settings_(settings), endpoints_(endpoints) {}

Result<void> Server::listen(UniqueFd listener) {
    Address address;
    if (!is_listening(listener.get()) ||
        getsockname(listener.get(), address.get(), &address.length) != 0)
        return Error{Errc::Unavailable, "not a listening stream socket"};
    if (!address.is_unix() && !address.is_loopback() && !settings_.tls_in_front)
        return Error{Errc::Unavailable,
                     "a socket that other machines reach: listen on 127.0.0.1, or set "
                     "TlsInFront=yes where a server with TLS stands in front"};
    if (listeners_.size() >= limits::kHttpListeners)
        return Error{Errc::LimitExceeded, "too many sockets"};
    if (fcntl(listener.get(), F_SETFL, fcntl(listener.get(), F_GETFL) | O_NONBLOCK) < 0)
        return Error{Errc::Unavailable, "fcntl"};
    listeners_.push_back({std::move(listener), {}});
    watch_listeners();
    return {};
}

void Server::watch_listeners() {
    for (Listener& listener : listeners_) {
        const int fd = listener.socket.get();
        listener.source = {};  // no descriptor is watched twice
        listener.source = loop_.watch(fd, EPOLLIN, [this, fd](std::uint32_t) { accept_some(fd); });
    }
}

// A listener that is ready but cannot be emptied would spin the loop.
void Server::pause_accepting() {
    log(messages::kDescriptorsUsedUp, {{"CONNECTIONS", std::to_string(connections())}});
    for (Listener& listener : listeners_)
        listener.source = {};
    again_ = loop_.after(limits::kAcceptBackOff, [this] { watch_listeners(); });
}

void Server::accept_some(int listener) {
    for (std::size_t i = 0; i < limits::kHttpAcceptsInARow; ++i) {
        UniqueFd socket(accept4(listener, nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
        if (!socket && (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM))
            return pause_accepting();
        if (!socket)
            return;
        add(std::move(socket));
    }
}

void Server::add(UniqueFd socket) {
    std::optional<WebPeer> peer = identify(socket.get(), settings_);
    if (!peer)
        return;
    remove_closed();
    const Group same = [&](const WebPeer& other) { return other.name == peer->name; };
    const Group others = [](const WebPeer& other) { return !other.is_named(); };
    const Group all = [](const WebPeer&) { return true; };
    const bool has_room = make_room(limits::kHttpConnectionsPerPeer, same) &&
                          (peer->is_named() ? make_room(limits::kHttpConnections, all)
                                            : make_room(limits::kHttpConnectionsOfOthers, others) &&
                                                  connections_.size() < limits::kHttpConnections);
    if (!has_room)
        return;
    connections_.emplace(next_++, std::make_unique<Connection>(
                                      Connection::Parts{loop_, sockets_, endpoints_, rooms_},
                                      std::move(socket), std::move(*peer)));
    if (!std::exchange(is_sweeping_, true))
        sweeper_ = loop_.after(limits::kHttpSweep, [this] { sweep(); });
}

bool Server::make_room(std::size_t most, const Group& group) {
    std::size_t count = 0;
    auto longest = connections_.end();
    for (auto entry = connections_.begin(); entry != connections_.end(); ++entry) {
        const Connection& connection = *entry->second;
        if (!group(connection.peer()))
            continue;
        ++count;
        if (connection.is_idle() &&
            (longest == connections_.end() || connection.since() < longest->second->since()))
            longest = entry;
    }
    if (count < most)
        return true;
    if (longest == connections_.end())
        return false;
    connections_.erase(longest);
    return true;
}

void Server::remove_closed() {
    std::erase_if(connections_, [](const auto& entry) { return entry.second->is_gone(); });
}

void Server::sweep() {
    const auto now = std::chrono::steady_clock::now();
    for (const auto& [number, connection] : connections_)
        connection->check_time(now);
    remove_closed();
    end_if_idle();
    is_sweeping_ = !connections_.empty();
    if (is_sweeping_)
        sweeper_ = loop_.after(limits::kHttpSweep, [this] { sweep(); });
}

void Server::wind_down(std::function<void()> done) {
    listeners_.clear();
    again_ = {};
    on_idle_ = std::move(done);
    winding_down_ = loop_.after(limits::kHttpWindDown, on_idle_);
    for (const auto& [number, connection] : connections_)
        connection->finish();
    remove_closed();
    end_if_idle();
}

void Server::end_if_idle() {
    if (on_idle_ && connections_.empty())
        on_idle_();
}

}  // namespace patd::web
