// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "tests/hostile/chance.h"

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace patd::hostile {

// A fuzzer's command line.
struct FuzzOptions {
    std::uint64_t seed = 1;
    std::uint64_t first = 0;                  // the first round
    std::uint64_t rounds = ~std::uint64_t{};  // how many of them
    std::chrono::seconds seconds{3600};
    std::uint32_t spared = ~std::uint32_t{};  // the uid that root's rights are not used against
    bool tells = false;                       // prints how often each outcome was seen
    std::string password;            // the service password of the user who runs it; empty: none
    std::vector<std::string> words;  // texts that the service knows
};

// The rounds of one fuzzer, and what it found. Prints a line for each fault, with the command that
// repeats it. Thread rule: one thread.
class FuzzRun {
  public:
    // Ends the process with 2 and a usage text if the arguments are wrong.
    FuzzRun(std::string_view name, int argc, char** argv);

    const FuzzOptions& options() const { return options_; }
    Chance& chance() { return chance_; }
    // Counts one more request.
    void count() { ++requests_; }
    // Counts one more outcome, for --tell, which shows what the rounds reach.
    void note(const std::string& outcome) { ++outcomes_[outcome]; }
    void fault(const std::string& what);
    // Runs rounds until their number or the time is over; returns the exit status.
    int go(const std::function<void()>& round);

  private:
    std::string name_;
    FuzzOptions options_;
    Chance chance_{1};
    std::uint64_t round_ = 0;
    std::uint64_t requests_ = 0;
    std::map<std::string, std::uint64_t> outcomes_;
    int faults_ = 0;
};

// The body of main(): `run`, and 2 with a message if it throws.
int guarded(const std::function<int()>& run) noexcept;

}  // namespace patd::hostile
