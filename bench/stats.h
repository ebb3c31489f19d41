// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include <cstddef>
#include <functional>
#include <span>
#include <string>
#include <vector>

namespace patd::bench {

// The value below which `fraction` of the values lie; `values` must not be empty.
double quantile(std::vector<double> values, double fraction);
double median(const std::vector<double>& values);

// What one contender needed, one value a round.
struct Series {
    std::string name;
    std::string unit;
    std::vector<double> values;
};

// The median over the rounds of a/b in the same round: what is shared, cancels out.
double paired_ratio(const Series& a, const Series& b);

// Something to measure: gives its value, and throws when the answer was not the right one.
struct Contender {
    std::string name;
    std::string unit;
    std::function<double()> measure;
};

// Measures every contender once a round, in an order that moves on by one each round, so that no
// one always runs after the same neighbour. One round more goes first and is not counted.
std::vector<Series> measure_rounds(std::span<const Contender> contenders, std::size_t rounds);

}  // namespace patd::bench
