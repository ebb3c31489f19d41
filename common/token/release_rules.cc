// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "common/token/release_rules.h"

#include "common/base/limits.h"

#include <algorithm>
#include <array>

namespace patd {
namespace {

constexpr char kSeparator = ',';

constexpr std::array<std::string_view, 11> kTypes = {"service", "scope", "socket", "mount",
                                                     "swap",    "slice", "target", "automount",
                                                     "device",  "timer", "path"};
// The types of units that an owner's programs run in.
constexpr std::array<std::string_view, 2> kTypesOfRules = {"service", "scope"};

bool is_unit_character(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view(":-_.\\@").find(c) != std::string_view::npos;
}

std::string_view type_of(std::string_view unit) {
    const std::size_t dot = unit.rfind('.');
    return dot == std::string_view::npos ? std::string_view() : unit.substr(dot + 1);
}

template <std::size_t N>
bool has_type(std::string_view unit, const std::array<std::string_view, N>& types) {
    return std::find(types.begin(), types.end(), type_of(unit)) != types.end();
}

}  // namespace

bool is_unit_name(std::string_view text) {
    if (text.size() > limits::kUnitNameBytes || !has_type(text, kTypes) ||
        !std::all_of(text.begin(), text.end(), is_unit_character))
        return false;
    const std::string_view name = text.substr(0, text.rfind('.'));
    const std::size_t at = name.find('@');
    // The prefix and, after an @, the instance; without an instance it is a template.
    return !name.empty() && at != 0 && at != name.size() - 1;
}

Result<ReleaseRules> ReleaseRules::parse(std::vector<std::string> units) {
    if (units.size() > limits::kRulesPerToken)
        return Errc::InvalidRule;
    for (const std::string& unit : units) {
        if (!is_unit_name(unit) || !has_type(unit, kTypesOfRules))
            return Errc::InvalidRule;
    }
    std::sort(units.begin(), units.end());
    units.erase(std::unique(units.begin(), units.end()), units.end());
    return ReleaseRules(std::move(units));
}

Result<ReleaseRules> ReleaseRules::parse_text(std::string_view text) {
    std::vector<std::string> units;
    while (!text.empty()) {
        const std::size_t end = text.find(kSeparator);
        units.emplace_back(text.substr(0, end));
        if (end == std::string_view::npos)
            break;
        text.remove_prefix(end + 1);
        if (text.empty())
            return Errc::InvalidRule;
    }
    return parse(std::move(units));
}

std::string ReleaseRules::text() const {
    std::string text;
    for (const std::string& unit : units_) {
        if (!text.empty())
            text += kSeparator;
        text += unit;
    }
    return text;
}

bool ReleaseRules::allow(std::string_view unit) const {
    return units_.empty() || std::find(units_.begin(), units_.end(), unit) != units_.end();
}

bool ReleaseRules::cover(const ReleaseRules& other) const {
    if (units_.empty())
        return true;
    return !other.units_.empty() &&
           std::includes(units_.begin(), units_.end(), other.units_.begin(), other.units_.end());
}

}  // namespace patd
