// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "bench/stats.h"

#include <algorithm>
#include <cmath>

namespace patd::bench {

double quantile(std::vector<double> values, double fraction) {
    std::sort(values.begin(), values.end());
    const double position = fraction * static_cast<double>(values.size() - 1);
    const auto below = static_cast<std::size_t>(std::floor(position));
    const auto above = std::min(below + 1, values.size() - 1);
    const double weight = position - std::floor(position);
    return values[below] * (1 - weight) + values[above] * weight;
}

double median(const std::vector<double>& values) {
    return quantile(values, 0.5);
}

double paired_ratio(const Series& a, const Series& b) {
    std::vector<double> ratios;
    for (std::size_t round = 0; round < a.values.size(); ++round)
        ratios.push_back(a.values[round] / b.values[round]);
    return median(ratios);
}

std::vector<Series> measure_rounds(std::span<const Contender> contenders, std::size_t rounds) {
    std::vector<Series> series;
    for (const Contender& contender : contenders) {
        series.push_back({contender.name, contender.unit, {}});
        contender.measure();
    }
    for (std::size_t round = 0; round < rounds; ++round) {
        for (std::size_t turn = 0; turn < contenders.size(); ++turn) {
            const std::size_t next = (round + turn) % contenders.size();
            series[next].values.push_back(contenders[next].measure());
        }
    }
    return series;
}

}  // namespace patd::bench
