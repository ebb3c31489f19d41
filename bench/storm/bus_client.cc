// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "bench/storm/bus_client.h"

#include "common/base/names.h"

#include <stdexcept>

namespace patd::bench {

void must_do(int result, const char* call) {
    if (result < 0)
        throw std::runtime_error(std::string(call) + ": errno " + std::to_string(-result));
}

bus::BusPtr connect_bus(const std::string& address, std::chrono::milliseconds patience) {
    sd_bus* raw = nullptr;
    must_do(sd_bus_new(&raw), "sd_bus_new");
    bus::BusPtr bus(raw);
    must_do(sd_bus_set_address(raw, address.c_str()), "sd_bus_set_address");
    must_do(sd_bus_set_bus_client(raw, 1), "sd_bus_set_bus_client");
    must_do(sd_bus_negotiate_fds(raw, 1), "sd_bus_negotiate_fds");
    const auto limit = std::chrono::duration_cast<std::chrono::microseconds>(patience).count();
    must_do(sd_bus_set_method_call_timeout(raw, static_cast<std::uint64_t>(limit)),
            "sd_bus_set_method_call_timeout");
    must_do(sd_bus_start(raw), "sd_bus_start");
    return bus;
}

bus::MessagePtr new_call(sd_bus* bus, const std::string& path, const char* interface,
                         const char* member) {
    sd_bus_message* raw = nullptr;
    must_do(
        sd_bus_message_new_method_call(bus, &raw, names::kBusName, path.c_str(), interface, member),
        "sd_bus_message_new_method_call");
    return bus::MessagePtr(raw);
}

bus::MessagePtr new_manager_call(sd_bus* bus, const char* member) {
    return new_call(bus, names::kManagerPath, names::kManagerInterface, member);
}

bus::MessagePtr new_floor_call(sd_bus* bus, const char* member) {
    sd_bus_message* raw = nullptr;
    must_do(sd_bus_message_new_method_call(bus, &raw, kFloorName, names::kManagerPath,
                                           names::kManagerInterface, member),
            "sd_bus_message_new_method_call");
    return bus::MessagePtr(raw);
}

bus::MessagePtr new_bus_call(sd_bus* bus, const char* member) {
    sd_bus_message* raw = nullptr;
    must_do(sd_bus_message_new_method_call(bus, &raw, "org.freedesktop.DBus",
                                           "/org/freedesktop/DBus", "org.freedesktop.DBus", member),
            "sd_bus_message_new_method_call");
    return bus::MessagePtr(raw);
}

}  // namespace patd::bench
