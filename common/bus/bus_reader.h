// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "common/bus/event_loop.h"
#include "common/bus/handles.h"

#include <cstdint>
#include <memory>

namespace patd::bus {

// Reads a bus as fast as its messages come. The bus keeps unread messages in the order in which
// they were sent, whoever sent them, so a message waits for every flood ahead of it; lots and turns
// begin only here. sd-event serves one message per turn; this goes on while there are more, for as
// long as the loop gives its sources.
// Thread rule: the loop's thread.
class BusReader {
  public:
    // `bus` is attached to `loop`; both outlive this. Internal.
    static Result<std::unique_ptr<BusReader>> create(sd_bus* bus, EventLoop& loop);
    ~BusReader();
    BusReader(const BusReader&) = delete;
    BusReader& operator=(const BusReader&) = delete;

  private:
    BusReader(sd_bus* bus, EventLoop& loop) : bus_(bus), loop_(loop) {}

    static int on_message(sd_bus_message* message, void* self, sd_bus_error* error);
    bool read_next();

    sd_bus* bus_;
    EventLoop& loop_;
    SlotPtr filter_;
    std::uint64_t messages_ = 0;
    std::uint64_t seen_ = 0;
};

}  // namespace patd::bus
