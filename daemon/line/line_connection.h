// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "common/base/caller.h"
#include "common/base/secret_buffer.h"
#include "common/line/line_message.h"
#include "daemon/context/peer_process.h"

#include <sys/epoll.h>

#include <chrono>
#include <cstdint>
#include <list>
#include <memory>
#include <optional>
#include <utility>

namespace patd {

// The locked memory of a connection that is served; making it costs more than a request.
struct LineBuffers {
    SecretBuffer request;
    SecretBuffer reply;
};
inline constexpr std::size_t kSpareBuffers = 16;  // 480 KiB of address space, few pages in use

// One connection of the line socket, from accept(2) on. Owned by LineServer, and by a handler that
// still has to answer it. Thread rule: the loop's thread.
struct LineConnection final : ProcessSource {
    // Decides whether it gives way when somebody else needs its place.
    enum class State {
        Silent,  // it never asked
        Idle,    // it was answered, and may ask again
        Busy     // it sends, or waits for its turn or its answer
    };

    // `in_lot`: the lot that it counts towards (Turns::lot_of) until it ends, among services or
    // among everybody else.
    LineConnection(UniqueFd fd, Uid uid, Uid in_lot, bool of_service = false)
        : socket(std::move(fd)), caller{uid, "line"}, lot(in_lot), is_service(of_service) {}

    Result<Process> open_process() const override {
        if (!socket)
            return Error{Errc::Unavailable, "the connection is closed"};
        return open_peer(socket.get());
    }

    bool has_buffers() const { return buffers.reply.capacity() > 0; }
    bool is_blocked() const { return !unsent.empty(); }
    bool has_unread() const { return taken < buffers.request.size(); }
    // Drops the answered bytes. The message that the handler still has must not move.
    void drop_taken() {
        if (answering || taken == 0)
            return;
        buffers.request.consume(taken);
        taken = 0;
    }

    UniqueFd socket;
    Caller caller;
    Uid lot;
    bool is_service;
    LineBuffers buffers;  // empty if it is not being served
    line::LineMessage message;
    std::size_t message_bytes = 0;
    std::size_t taken = 0;     // bytes of the request that were answered
    bool filled = false;       // the last read filled all the room
    bool interrupted = false;  // what was read may hold another complete message
    bool queued = false;       // it has a step among the turns
    bool parked = false;       // it has asked, and waits for one of its lot's buffers
    bool answering = false;    // the handler has the message
    SecretBuffer unsent;       // answers that the socket had no room for; nothing more is read
    bool in_serve = false;  // its step is running, and continues by itself once the answer is there
    std::uint32_t watched = EPOLLIN | EPOLLRDHUP;
    bool ending = false;    // closes after the reply
    bool answered = false;  // at least once
    // When it fell silent, or when the current message began.
    std::chrono::milliseconds since{};
    // `since` when a sweep found it overdue.
    std::optional<std::chrono::milliseconds> overdue_since;

    // Used by ConnectionLots.
    State state = State::Silent;
    std::list<LineConnection*>::iterator place{};
};

}  // namespace patd
