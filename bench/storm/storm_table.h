// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "bench/report.h"
#include "bench/storm/victim.h"

#include <cstddef>
#include <string>
#include <vector>

namespace patd::bench {

// The target: nobody waits longer than this many times the quiet time, and nobody is refused.
inline constexpr double kStormTarget = 2;

// What a window shows about one kind of request.
struct Quantiles {
    double p50_us;
    double p99_us;
};

// How one kind of request fared under one abuse. Median over the rounds.
struct Fared {
    Quantiles quiet;
    double p50_ratio;  // storm divided by quiet
    double p99_ratio;
    // For a call on the bus: p99_ratio without the extra time that the bus itself needed, compared
    // with quiet, on the way to patd and back. Otherwise p99_ratio.
    double own_p99_ratio;
    // In all rounds together, during the storm.
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

// How one patd behaved under one abuse.
struct Outcome {
    std::string abuse;
    std::string site;
    bool is_reference = false;
    std::vector<Round> rounds;
    std::size_t restarts = 0;  // it did not answer five seconds after the storm

    Fared fared(Request request) const;
    // Whether all requests to patd meet the target.
    bool meets() const;
};

// One row for each site and abuse, those of one abuse together; for people.
std::string storm_markdown(const std::vector<std::string>& notes,
                           const std::vector<Outcome>& outcomes);
// A single row, as soon as it is known.
std::string storm_row(const Outcome& outcome, bool several);
// The same figures, each with its name, in the form of the other benches.
Report storm_report(const std::vector<std::string>& notes, const std::vector<Outcome>& outcomes);

}  // namespace patd::bench
