// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "bench/report.h"
#include "bench/storm/victim.h"

#include <array>
#include <cstddef>
#include <string>
#include <vector>

namespace patd::bench {

// The target: nobody waits longer than that many times as long as when it is quiet, and nobody is
// refused.
inline constexpr double kStormTarget = 2;

// How one kind of request fared under one abuse.
class Fared {
  public:
    void add_round(const Waited& quiet, const Waited& storm);

    // Medians over the rounds.
    double quiet_p50_us() const { return median(quiet_p50_); }
    double quiet_p99_us() const { return median(quiet_p99_); }
    double p50_ratio() const { return median(p50_ratios_); }
    double p99_ratio() const { return median(p99_ratios_); }
    // Of all rounds together, storms only.
    std::size_t refused() const { return refused_; }
    std::size_t asked() const { return asked_; }
    bool meets() const { return p99_ratio() <= kStormTarget && refused_ == 0; }

  private:
    std::vector<double> quiet_p50_;
    std::vector<double> quiet_p99_;
    std::vector<double> p50_ratios_;
    std::vector<double> p99_ratios_;
    std::size_t refused_ = 0;
    std::size_t asked_ = 0;
};

// What one patd did under one abuse.
struct Outcome {
    std::string abuse;
    std::string site;
    bool is_reference = false;
    std::array<Fared, kRequests> fared;
    std::vector<double> sent_per_second;      // by the attackers, one a round
    std::vector<double> answered_per_second;  // to them
    std::size_t restarts = 0;                 // it did not answer ten seconds after the storm

    bool meets() const;
    std::size_t refused() const;
    std::size_t asked() const;
};

// One row a site and abuse, those of one abuse beneath each other; for people.
std::string storm_markdown(const std::vector<std::string>& notes,
                           const std::vector<Outcome>& outcomes);
// The same figures, each with its name, as the other benches have them.
Report storm_report(const std::vector<std::string>& notes, const std::vector<Outcome>& outcomes);

}  // namespace patd::bench
