// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "bench/storm/attack.h"
#include "common/bus/handles.h"

namespace patd::bench {

// Attacks on patd over the bus. All of them go on until they are ended.

// The next call of a chain of calls, each made when the previous one is answered: `step` counts
// them from 0, `last` is the answer, null before the first.
using NextCall = std::function<bus::MessagePtr(sd_bus*, std::size_t step, sd_bus_message* last)>;

struct Talk {
    NextCall next;
    std::size_t connections = 8;
    std::size_t chains = 32;  // for each connection: pending calls
};
void talk(const Aim& aim, Tally& tally, const Talk& how);

// Sends calls that want no answer, without pause.
using MakeCall = std::function<bus::MessagePtr(sd_bus*)>;
void pour(const Aim& aim, Tally& tally, const MakeCall& make);

// Verifies a secret, asks 600 times for the next prompt when there is none left, and reads nothing.
// Every answer that holds a descriptor stays on the bus. Starts over after six seconds.
void leave_prompts_unread(const Aim& aim, Tally& tally);

// Exposes its own token at a new socket, and cuts that exposure.
bus::MessagePtr expose_or_cut(const Aim& aim, sd_bus* bus, sd_bus_message* last);
// Exposes its own token, and returns the socket's path.
std::string expose(const Aim& aim);

}  // namespace patd::bench
