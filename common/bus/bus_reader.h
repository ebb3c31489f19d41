// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "common/bus/event_loop.h"
#include "common/bus/handles.h"

#include <cstdint>
#include <memory>

namespace patd::bus {

// Reads a bus as fast as its messages come. The bus keeps what is not read, in the order in which
// it was sent, whoever sent it: so a message waits for all of a flood that came before it, and only
// here are there lots and turns. sd-event serves one message at each of its turns; this goes on, as
// long as there are more, for the time that the loop gives to its sources.
// Thread rule: the loop's thread.
class BusReader {
  public:
    // `bus` is attached to `loop`, and outlives this; so does `loop`. Internal.
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
