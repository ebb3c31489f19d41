// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "common/base/nearest_name.h"

#include <algorithm>
#include <cstddef>

namespace patd {
namespace {

constexpr std::size_t kLongestName = 64;  // what is longer is no name, and costs its square
constexpr std::size_t kShortestBeginning = 3;

// Damerau's distance, where no letter takes part twice.
std::size_t distance(std::string_view a, std::string_view b) {
    const std::size_t width = b.size() + 1;
    std::vector<std::size_t> table((a.size() + 1) * width);
    for (std::size_t i = 0; i <= a.size(); ++i) {
        for (std::size_t j = 0; j <= b.size(); ++j) {
            std::size_t& here = table[i * width + j];
            if (i == 0 || j == 0) {
                here = i + j;
                continue;
            }
            const std::size_t* above = &table[(i - 1) * width + j];
            here = std::min({above[0] + 1, table[i * width + j - 1] + 1,
                             above[-1] + (a[i - 1] == b[j - 1] ? 0 : 1)});
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                here = std::min(here, table[(i - 2) * width + j - 2] + 1);
        }
    }
    return table.back();
}

std::string only_beginning_with(std::string_view typed, const std::vector<std::string>& names) {
    const auto begins = [&](const std::string& name) { return name.starts_with(typed); };
    const auto first = std::find_if(names.begin(), names.end(), begins);
    const bool is_only =
        first != names.end() && std::none_of(first + 1, names.end(), [&](const std::string& name) {
            return begins(name) && name != *first;
        });
    return typed.size() >= kShortestBeginning && is_only ? *first : "";
}

}  // namespace

std::string nearest_name(std::string_view typed, const std::vector<std::string>& names) {
    if (typed.size() > kLongestName)
        return "";
    std::string nearest;
    std::size_t fewest = std::max<std::size_t>(typed.size() / 3, 1) + 1;
    for (const std::string& name : names) {
        if (const std::size_t steps = distance(typed, name); steps < fewest) {
            fewest = steps;
            nearest = name;
        }
    }
    return nearest.empty() ? only_beginning_with(typed, names) : nearest;
}

}  // namespace patd
