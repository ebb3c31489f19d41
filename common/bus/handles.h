// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "common/base/result.h"

#include <systemd/sd-bus.h>

#include <memory>
#include <string>

namespace patd::bus {

struct BusCloser {
    void operator()(sd_bus* bus) const { sd_bus_flush_close_unref(bus); }
};
struct MessageUnref {
    void operator()(sd_bus_message* message) const { sd_bus_message_unref(message); }
};
struct SlotUnref {
    void operator()(sd_bus_slot* slot) const { sd_bus_slot_unref(slot); }
};

using BusPtr = std::unique_ptr<sd_bus, BusCloser>;
using MessagePtr = std::unique_ptr<sd_bus_message, MessageUnref>;
using SlotPtr = std::unique_ptr<sd_bus_slot, SlotUnref>;

// Our own reference to a message that sd-bus lends.
inline MessagePtr ref(sd_bus_message* message) {
    return MessagePtr(sd_bus_message_ref(message));
}

// Turns sd-bus's negative errno into an Error that names the call.
inline Result<void> check(int result, const char* call) {
    if (result < 0)
        return Error{Errc::Internal, std::string(call) + ": errno " + std::to_string(-result)};
    return {};
}

}  // namespace patd::bus
