// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "common/base/uid.h"

#include <array>
#include <chrono>
#include <cstddef>
#include <string>
#include <vector>

namespace patd::bench {

// What the victim asks for, in turn; the last, which takes a hash, for itself. Bus is a call of the
// bus itself, which shows what of a wait is not patd's.
enum class Request { Get, Verify, Capability, Bus, Status, List, Check };
inline constexpr std::size_t kRequests = 7;
inline constexpr std::array<const char*, kRequests> kRequestNames = {
    "get", "verify", "capability", "the bus", "Status", "List", "check"};

// Whoever waited that long has been refused.
inline constexpr std::chrono::milliseconds kVictimPatience{5000};

struct Victim {
    Uid uid;
    std::string line_socket;
    std::string bus_address;
    std::string host;          // of a token of its own
    std::string verification;  // a framed request
    std::string check;         // another
    bool asks_floor = false;   // its Status and List, instead of patd
};

// What came of one kind of request in one window.
struct Waited {
    std::vector<double> us;  // one that was refused counts as kVictimPatience
    std::size_t refused = 0;
};
using Window = std::array<Waited, kRequests>;

// In a process under the victim's uid: asks for `length` for everything but a check, then as long
// for checks; each at least once. Throws std::runtime_error when that process failed.
Window measure_victim(const Victim& victim, std::chrono::milliseconds length);

}  // namespace patd::bench
