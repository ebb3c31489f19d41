// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "common/base/caller.h"
#include "common/base/unique_fd.h"
#include "common/bus/event_loop.h"
#include "daemon/admission/quota.h"

#include <cstdint>
#include <map>
#include <string>

namespace patd {

// Counts the sinks that Next handed out, each until its receiver shows that it has it, by writing
// into it or closing it. Until then a message bus may hold a copy for a client that does not read,
// and dbus-daemon stops reading from patd when it holds 64 of them. There is no other way to tell:
// the copy is the bus's own.
// Thread rule: the loop's thread.
class HandedSinks {
  public:
    // Both must outlive it.
    HandedSinks(bus::EventLoop& loop, Quota& quota) : loop_(loop), quota_(quota) {}

    // For one more sink of `caller`. LimitExceeded.
    Result<Ticket> admit(const Caller& caller) { return quota_.take(caller.uid); }
    // Keeps our end of a sink that takes no answer, or whose answer nobody wants any more, and its
    // ticket for as long. Whatever is written into the sink is not read.
    void keep(const std::string& connection, UniqueFd source, Ticket ticket);
    // The connection is gone, and with it what the bus held for it.
    void forget(const std::string& connection);

  private:
    struct Kept {
        std::string connection;
        Ticket ticket;
        UniqueFd fd;
        bus::EventLoop::Source source;
    };

    bus::EventLoop& loop_;
    Quota& quota_;
    std::uint64_t last_number_ = 0;
    std::map<std::uint64_t, Kept> kept_;  // at most one per ticket
};

}  // namespace patd
