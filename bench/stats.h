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

// One contender's measurements, one value per round.
struct Series {
    std::string name;
    std::string unit;
    std::vector<double> values;
};

// The median over the rounds of a/b in the same round: shared influences cancel out.
double paired_ratio(const Series& a, const Series& b);

// Something to measure: returns its value, and throws if the answer was wrong.
struct Contender {
    std::string name;
    std::string unit;
    std::function<double()> measure;
};

// Measures every contender once per round, in an order that rotates by one each round, so that no
// contender always runs after the same neighbour. One extra round goes first and is not counted.
std::vector<Series> measure_rounds(std::span<const Contender> contenders, std::size_t rounds);

}  // namespace patd::bench
