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

// What the victim asks for, in turn; the last, which takes a hash, separately. Bus is a call to the
// bus itself, which shows the part of a wait that is not patd's.
enum class Request { Get, Verify, Capability, Bus, Status, List, Check };
inline constexpr std::size_t kRequests = 7;
inline constexpr std::array<const char*, kRequests> kRequestNames = {
    "get", "verify", "capability", "the bus", "Status", "List", "check"};

// A request that waited this long counts as refused.
inline constexpr std::chrono::milliseconds kVictimPatience{5000};

struct Victim {
    Uid uid;
    std::string line_socket;
    std::string bus_address;
    std::string host;          // of a token of its own
    std::string verification;  // a framed request
    std::string check;         // another
    bool asks_floor = false;   // for its Status and List, instead of patd
};

// The results of one kind of request in one window.
struct Waited {
    std::vector<double> us;  // a refused one counts as kVictimPatience
    std::size_t refused = 0;
};
using Window = std::array<Waited, kRequests>;

// In a process under the victim's uid: asks for everything except checks for `length`, then for
// checks just as long; each at least once. Throws std::runtime_error if that process failed.
Window measure_victim(const Victim& victim, std::chrono::milliseconds length);

}  // namespace patd::bench
