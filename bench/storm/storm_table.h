// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "bench/report.h"
#include "bench/storm/victim.h"

#include <cstddef>
#include <string>
#include <vector>

namespace patd::bench {

// The target: nobody waits longer than that many times as long as when it is quiet, and nobody is
// refused.
inline constexpr double kStormTarget = 2;

// What a window says of one kind of request.
struct Quantiles {
    double p50_us;
    double p99_us;
};

// How one kind of request fared under one abuse. Median over the rounds.
struct Fared {
    Quantiles quiet;
    double p50_ratio;  // storm by quiet
    double p99_ratio;
    // Of a call on the bus: p99_ratio without what the bus itself made it wait more than when it is
    // quiet, on the way to patd and back. Else p99_ratio.
    double own_p99_ratio;
    // Of all rounds together, in the storm.
    std::size_t refused;
    std::size_t asked;

    bool meets() const { return own_p99_ratio <= kStormTarget && refused == 0; }
};

struct Round {
    Window quiet;
    Window storm;
    double sent_per_second;      // by the attackers
    double answered_per_second;  // to them
};

// What one patd did under one abuse.
struct Outcome {
    std::string abuse;
    std::string site;
    bool is_reference = false;
    std::vector<Round> rounds;
    std::size_t restarts = 0;  // it did not answer five seconds after the storm

    Fared fared(Request request) const;
    // Whether all requests of patd do.
    bool meets() const;
};

// One row a site and abuse, those of one abuse beneath each other; for people.
std::string storm_markdown(const std::vector<std::string>& notes,
                           const std::vector<Outcome>& outcomes);
// Its row alone, as soon as it is known.
std::string storm_row(const Outcome& outcome, bool several);
// The same figures, each with its name, as the other benches have them.
Report storm_report(const std::vector<std::string>& notes, const std::vector<Outcome>& outcomes);

}  // namespace patd::bench
