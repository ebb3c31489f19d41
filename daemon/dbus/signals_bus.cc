// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "daemon/dbus/signals_bus.h"

#include "common/base/names.h"
#include "common/bus/handles.h"

#include <systemd/sd-bus.h>

namespace patd {
namespace {

using Kind = OwnerSignal::Kind;

int append_arguments(sd_bus_message* message, const OwnerSignal& signal) {
    const std::string id = signal.token.text();
    if (signal.kind == Kind::TokenExpiring)
        return sd_bus_message_append(message, "sx", id.c_str(), signal.expires);
    return sd_bus_message_append(message, "ss", id.c_str(), signal.how.c_str());
}

}  // namespace

Result<void> send_signal(sd_bus* bus, const std::string& connection, const OwnerSignal& signal) {
    const char* member = signal.kind == Kind::TokenExpiring ? "TokenExpiring" : "SecretReused";
    // A signal without a destination would go to everybody.
    if (connection.empty() || connection.front() != ':')
        return Error{Errc::Internal, "a signal to no unique name"};
    sd_bus_message* raw = nullptr;
    TRY(bus::check(
        sd_bus_message_new_signal(bus, &raw, names::kManagerPath, names::kManagerInterface, member),
        "sd_bus_message_new_signal"));
    const bus::MessagePtr message(raw);
    TRY(bus::check(sd_bus_message_set_destination(raw, connection.c_str()),
                   "sd_bus_message_set_destination"));
    TRY(bus::check(append_arguments(raw, signal), "append a signal's arguments"));
    return bus::check(sd_bus_send(bus, raw, nullptr), "sd_bus_send");
}

}  // namespace patd
