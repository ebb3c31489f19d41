// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "common/base/result.h"

#include <string>
#include <string_view>
#include <vector>

namespace patd {

// Which of its owner's processes a token is released to: those of one of these system units. No
// unit: no rule, all processes. Sorted, each unit once.
class ReleaseRules {
  public:
    ReleaseRules() = default;
    // At most 16 names of services or scopes as systemd writes them (systemd.unit(5)): no template
    // and no other type, because no owner's process runs in one. InvalidRule.
    static Result<ReleaseRules> parse(std::vector<std::string> units);
    // The inverse of text(). InvalidRule.
    static Result<ReleaseRules> parse_text(std::string_view text);

    const std::vector<std::string>& units() const { return units_; }
    bool empty() const { return units_.empty(); }
    // The units, separated by commas; "" without a rule.
    std::string text() const;

    // Whether a process of `unit` passes; "": of no unit.
    bool allow(std::string_view unit) const;
    // Whether these allow everything that `other` allows.
    bool cover(const ReleaseRules& other) const;

    friend bool operator==(const ReleaseRules&, const ReleaseRules&) = default;

  private:
    explicit ReleaseRules(std::vector<std::string> units) : units_(std::move(units)) {}

    std::vector<std::string> units_;
};

// Whether systemd could have a unit of this name: any type, at most 255 bytes, no template.
bool is_unit_name(std::string_view text);

}  // namespace patd
