// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "common/base/parse_number.h"

#include <compare>
#include <cstdint>
#include <optional>
#include <string_view>

namespace patd {

// A kernel user id as its own type: no number becomes one by accident, and there is no default
// value (CVE-2021-3560: an error path that kept an initialised uid 0).
class Uid {
  public:
    explicit constexpr Uid(std::uint32_t value) : value_(value) {}
    constexpr std::uint32_t value() const { return value_; }
    constexpr bool is_root() const { return value_ == 0; }

    // Whether this uid may own tokens: not -1 or 65535 ("no change" in setreuid(2),
    // CVE-2019-14287), not nobody/overflow, not systemd's dynamic range (61184-65519,
    // systemd.exec(5)), whose ids are reused for other people.
    constexpr bool may_own_tokens() const {
        return value_ != 0xffffffffU && value_ != 65535 && value_ != 65534 &&
               !(value_ >= 61184 && value_ <= 65519);
    }

    // Parses all of `text` as decimal; nothing otherwise.
    static std::optional<Uid> parse(std::string_view text) {
        const auto value = parse_number<std::uint32_t>(text);
        return value ? std::optional<Uid>(*value) : std::nullopt;
    }

    friend constexpr auto operator<=>(Uid, Uid) = default;

  private:
    std::uint32_t value_;
};

}  // namespace patd
