// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "bench/storm/attack.h"

#include <string>

namespace patd::bench {

// Attacks on the line socket. All of them go on until they are ended, and reconnect at once when
// patd closes a connection.

struct Flood {
    std::string requests;   // written again and again
    std::size_t count = 1;  // how many requests that is
    std::size_t connections = 32;
    bool reads = true;  // whether it reads the answers
};

// Every connection has pending requests at every moment.
void flood(const Aim& aim, Tally& tally, const Flood& how);
// As many copies of `request` as one write can usefully take.
Flood flood_of(const std::string& request);

// Opens 32 connections, sends `beginning` on each, and leaves them open.
void hold(const Aim& aim, Tally& tally, const std::string& beginning);

// Opens 32 connections, sends `beginning` on each, and closes them; again and again.
void come_and_go(const Aim& aim, Tally& tally, const std::string& beginning);

}  // namespace patd::bench
