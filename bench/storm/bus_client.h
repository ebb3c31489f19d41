// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "common/bus/handles.h"

#include <chrono>
#include <string>

namespace patd::bench {

// sd-bus without the library's wish to wait: for who measures a service, or does it harm.

// Begins to connect; nothing waits longer than `patience` afterwards. Throws std::runtime_error.
bus::BusPtr connect_bus(const std::string& address, std::chrono::milliseconds patience);

// A call of patd without arguments; they may be appended. Throws std::runtime_error.
bus::MessagePtr new_call(sd_bus* bus, const std::string& path, const char* interface,
                         const char* member);
// The same of its manager.
bus::MessagePtr new_manager_call(sd_bus* bus, const char* member);

// The name of the program that only answers (bench/bus_floor.cc), and a call of it.
inline constexpr char kFloorName[] = "org.patd.Floor";
bus::MessagePtr new_floor_call(sd_bus* bus, const char* member);

// A call of the bus itself, which patd has no part in.
bus::MessagePtr new_bus_call(sd_bus* bus, const char* member);

// Throws std::runtime_error where sd-bus gave an error.
void must_do(int result, const char* call);

}  // namespace patd::bench
