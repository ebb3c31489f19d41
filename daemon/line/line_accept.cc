// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors

// The part of LineServer that lets connections in.
#include "common/base/limits.h"
#include "common/base/log_messages.h"
#include "common/base/unix_socket.h"
#include "common/bus/firewall.h"
#include "daemon/admission/lots.h"
#include "daemon/line/line_server.h"
#include "daemon/line/socket_events.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace patd {
namespace {

constexpr std::chrono::minutes kTellNoRoomEvery{1};

bool is_out_of_resources(int error) {
    return error == EMFILE || error == ENFILE || error == ENOBUFS || error == ENOMEM;
}

}  // namespace

void LineServer::open_reserve() {
    reserve_.reset(open("/dev/null", O_RDONLY | O_CLOEXEC));
}

void LineServer::stop_accepting() {
    if (accepting_)
        (void)set_watched(epoll_.get(), EPOLL_CTL_DEL, listener_.get(), 0);
    accepting_ = false;
    accept_again_ = {};
}

void LineServer::accept_waiting() {
    // A few at a time, so that a flood of connections does not starve the existing ones.
    for (std::size_t i = 0; i < limits::kAcceptsInARow; ++i) {
        UniqueFd socket(accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
        if (!socket && is_out_of_resources(errno))
            return back_off();
        if (!socket)
            return;
        add_connection(std::move(socket));
    }
}

// A listener that is ready but cannot be emptied would spin the loop.
void LineServer::back_off() {
    (void)set_watched(epoll_.get(), EPOLL_CTL_DEL, listener_.get(), 0);
    reserve_.reset();
    // The first in line is told at once that it is not served, instead of waiting in vain.
    (void)UniqueFd(accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC));
    open_reserve();
    accept_again_ = parts_.loop.after(limits::kAcceptBackOff, [this] {
        (void)set_watched(epoll_.get(), EPOLL_CTL_ADD, listener_.get(), EPOLLIN);
    });
    if (may_log(backed_off_))
        log(messages::kDescriptorsUsedUp, {{"CONNECTIONS", std::to_string(connections_.size())}});
}

// Once a minute.
bool LineServer::may_log(std::optional<std::chrono::milliseconds>& told) const {
    const auto now = parts_.clock.since_boot();
    if (told && now - *told < kTellNoRoomEvery)
        return false;
    told = now;
    return true;
}

ConnectionLots& LineServer::lots_of(const LineConnection& connection) {
    return connection.is_service ? service_lots_ : lots_;
}

// One lot's flood takes places from that lot alone.
bool LineServer::make_room(const LineConnection& newcomer) {
    const Uid lot = newcomer.lot;
    const std::size_t of_lot =
        lot == kStrangers ? std::min(limits_.of_strangers, limits_.of_user) : limits_.of_user;
    const ConnectionLots::Limits most =
        newcomer.is_service ? ConnectionLots::Limits{limits_.services, limits_.of_service}
                            : ConnectionLots::Limits{limits_.all, of_lot};
    const ConnectionLots::Room room = lots_of(newcomer).find_room(lot, most);
    if (room.gives_way == nullptr && !room.is_refused)
        return true;
    const Uid loser = room.is_refused ? newcomer.caller.uid : room.gives_way->caller.uid;
    if (note_refused_)
        note_refused_(loser);
    if (room.is_refused)
        return false;
    close(ConnectionPtr(connections_.at(room.gives_way->socket.get())));
    return true;
}

void LineServer::add_connection(UniqueFd socket) {
    ConnectionPtr added;
    if (!guard([&] { admit(std::move(socket), added); }) && added && added->socket)
        close(added);
}

void LineServer::admit(UniqueFd socket, ConnectionPtr& added) {
    const Result<Peer> peer = find_peer(socket.get());
    if (!peer)
        return;
    const Uid uid = peer->uid;
    const Uid lot = parts_.turns.lot_of(parts_.on_behalf_of.value_or(uid));
    // A flood pays for it with turns of its own lot.
    parts_.turns.charge(parts_.on_behalf_of.value_or(uid), limits::kAcceptCharge);
    const Input input = look_at(socket.get());
    // A peer that is already gone costs nothing more.
    if (input == Input::Ended)
        return;
    const bool is_service = parts_.is_service && !parts_.on_behalf_of && parts_.is_service(uid);
    const auto connection =
        std::make_shared<LineConnection>(std::move(socket), uid, lot, is_service);
    if (!make_room(*connection) ||
        !set_watched(epoll_.get(), EPOLL_CTL_ADD, connection->socket.get(), EPOLLIN | EPOLLRDHUP))
        return;
    connection->caller.process = connection;
    connection->since = parts_.clock.since_boot();
    lots_of(*connection).add(*connection);
    bus::Undo forget([&] { lots_of(*connection).remove(*connection); });
    connections_.emplace(connection->socket.get(), connection);
    forget.keep();
    added = connection;
    schedule_sweep();
    // If it has already asked, there is no need to look again.
    if (input == Input::Some)
        queue(connection);
}

Result<UniqueFd> listen_at(const std::string& path) {
    const sockaddr_un address = TRY(unix_address(path));
    UniqueFd socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    (void)unlink(path.c_str());
    if (!socket || bind(socket.get(), as_sockaddr(address), sizeof address) != 0 ||
        chmod(path.c_str(), 0666) != 0 || listen(socket.get(), int{limits::kLineBacklog}) != 0)
        return Error{Errc::Unavailable, "listen at " + path};
    return socket;
}

}  // namespace patd
