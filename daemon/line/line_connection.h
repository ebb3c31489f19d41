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
#include <utility>

namespace patd {

// The locked memory of a connection that is served; making it costs more than a request.
struct LineBuffers {
    SecretBuffer request;
    SecretBuffer reply;
};

// One connection of the line socket, from accept(2) on. Owned by LineServer, and by the handler
// that still has to answer it. Thread rule: the loop's thread.
struct LineConnection final : ProcessSource {
    // What can be asked of it when somebody else needs its place.
    enum class State {
        Silent,  // it never asked
        Idle,    // it was answered, and may ask again
        Busy     // it sends, waits for its turn or for its answer
    };

    // `in_lot`: whose connections it counts with (Turns::lot_of), among those of services or of
    // everybody else, from now to its end.
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
    // Drops what is answered. The message that the handler has must not move.
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
    LineBuffers buffers;  // empty where it is not served now
    line::LineMessage message;
    std::size_t message_bytes = 0;
    std::size_t taken = 0;     // bytes of the request that are answered
    bool filled = false;       // the last read took all that there was room for
    bool interrupted = false;  // what was read may hold another whole message
    bool queued = false;       // it has a step among the turns
    bool parked = false;       // it asks, and waits for one of its lot's buffers
    bool answering = false;    // the handler has the message
    SecretBuffer unsent;       // answers for which the socket had no room; nothing more is read
    bool in_serve = false;     // its step runs, and goes on by itself when the answer is there
    std::uint32_t watched = EPOLLIN | EPOLLRDHUP;
    bool ending = false;    // closes after the reply
    bool answered = false;  // at least once
    // When its silence, or the message that has begun, began.
    std::chrono::milliseconds since{};

    // Of ConnectionLots.
    State state = State::Silent;
    std::list<LineConnection*>::iterator place{};
};

}  // namespace patd
