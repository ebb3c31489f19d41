// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "bench/storm/attack.h"

#include <vector>

namespace patd::bench {

// Who takes part: accounts that every Debian has, and uids without an account.
struct Cast {
    Uid victim;     // has tokens and a service password
    Uid stranger;   // has neither
    Uid guesser;    // has a token and a service password
    Uid collector;  // has 1,000 tokens for one host, with 48 permissions each, and a password
    Uid committee;  // has 60 of that kind
};

// The names of their accounts.
inline constexpr char kVictim[] = "backup";
inline constexpr char kStranger[] = "www-data";
inline constexpr char kGuesser[] = "news";
inline constexpr char kCollector[] = "games";
inline constexpr char kCommittee[] = "proxy";

// The hosts that all of their tokens are for.
inline constexpr char kGuesserHost[] = "guesser.example";
inline constexpr char kCollectorHost[] = "collector.example";
inline constexpr char kCommitteeHost[] = "committee.example";

std::vector<Abuse> all_abuses(const Cast& cast);

}  // namespace patd::bench
