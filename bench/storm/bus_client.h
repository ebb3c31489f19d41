// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "common/bus/handles.h"

#include <chrono>
#include <string>

namespace patd::bench {

// sd-bus without the library's own waiting: for programs that measure a service, or attack it.

// Begins to connect; afterwards nothing waits longer than `patience`. Throws std::runtime_error.
bus::BusPtr connect_bus(const std::string& address, std::chrono::milliseconds patience);

// A call to patd without arguments; they may be appended. Throws std::runtime_error.
bus::MessagePtr new_call(sd_bus* bus, const std::string& path, const char* interface,
                         const char* member);
// The same for its manager.
bus::MessagePtr new_manager_call(sd_bus* bus, const char* member);

// The name of the program that only answers (bench/bus_floor.cc), and a call to it.
inline constexpr char kFloorName[] = "org.patd.Floor";
bus::MessagePtr new_floor_call(sd_bus* bus, const char* member);

// A call to the bus itself, in which patd has no part.
bus::MessagePtr new_bus_call(sd_bus* bus, const char* member);

// Throws std::runtime_error if sd-bus returned an error.
void must_do(int result, const char* call);

}  // namespace patd::bench
