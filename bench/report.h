// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "bench/stats.h"

#include <CLI/CLI.hpp>

#include <exception>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace patd::bench {

enum class Bound { AtMost, AtLeast };

struct Target {
    Bound bound;
    double value;
};

// What a bench prints at its end: Markdown tables for people, or one JSON object for programs.
class Report {
  public:
    explicit Report(std::string title) : title_(std::move(title)) {}

    // A line about how it was measured.
    void add_note(std::string text) { notes_.push_back(std::move(text)); }
    void add(const Series& series);
    void add_value(std::string name, std::string unit, double value);
    // `name` says which is divided by which.
    void add_ratio(std::string name, double value, std::optional<Target> target = std::nullopt);

    std::string markdown() const;
    std::string json() const;

  private:
    struct Measured {
        std::string name;
        std::string unit;
        double median;
        double p90;
    };
    struct Ratio {
        std::string name;
        double value;
        std::optional<Target> target;
    };

    std::string title_;
    std::vector<std::string> notes_;
    std::vector<Measured> measured_;
    std::vector<Ratio> ratios_;
};

// Arguments that every bench accepts: --json, --rounds N.
struct Options {
    bool json = false;
    std::size_t rounds = 0;
    std::string against = {};  // the directory of another build
};

// --against DIRECTORY, of the benches that measure another build in turn with this one.
void add_against(CLI::App& app, Options& options);

// Prints the result of `run`, in the form that the options ask for; returns the exit status.
int print_report(const Options& options, const std::function<Report()>& run);

void say_why(const char* reason);

// A bench's whole main: runs `body`, or says on standard error why it could not.
template <typename Body>
int guarded(const Body& body) noexcept {
    try {
        return body();
    } catch (const std::exception& error) {
        say_why(error.what());
    } catch (...) {
        say_why("unknown exception");
    }
    return 1;
}

}  // namespace patd::bench
