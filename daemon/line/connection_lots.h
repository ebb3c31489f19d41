// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "daemon/line/line_connection.h"

#include <array>
#include <cstddef>
#include <deque>
#include <list>
#include <map>
#include <memory>

namespace patd {

// How many connections each lot has, and which one gives way when there is no room: the oldest that
// never asked, then the one that has been idle longest. When all places are taken, the lot with the
// most connections gives one up to a lot with fewer, whatever that connection does: so no number of
// them keeps out a lot with few. Knows no socket. Thread rule: the loop's thread.
class ConnectionLots {
  public:
    struct Limits {
        std::size_t all;
        std::size_t of_lot;
    };

    // Who must be closed before `lot` may have one more connection: nobody (first), somebody, or
    // the newcomer itself (`is_refused`).
    struct Room {
        LineConnection* gives_way = nullptr;
        bool is_refused = false;
    };
    Room find_room(Uid lot, const Limits& limits) const;

    void add(LineConnection& connection);
    void remove(LineConnection& connection);
    void set_state(LineConnection& connection, LineConnection::State state);
    std::size_t count() const { return count_; }

    // Counts the lot's connections that hold buffers. False: it already has kLineServedPerUser.
    bool begin_serving(Uid lot);
    void end_serving(Uid lot);
    // Connections that wait for one to end, first come, first served.
    void park(const std::shared_ptr<LineConnection>& connection);
    std::shared_ptr<LineConnection> take_parked(Uid lot);

  private:
    using Queue = std::list<LineConnection*>;
    struct Lot {
        std::size_t count = 0;
        std::size_t served = 0;
        std::array<Queue, 3> by_state{};  // oldest first
        std::deque<std::weak_ptr<LineConnection>> parked{};

        Queue& queue(LineConnection::State state) {
            return by_state.at(static_cast<std::size_t>(state));
        }
        const Queue& queue(LineConnection::State state) const {
            return by_state.at(static_cast<std::size_t>(state));
        }
    };

    std::size_t count_of(Uid lot) const;

    std::map<Uid, Lot> lots_;
    std::size_t count_ = 0;
};

}  // namespace patd
