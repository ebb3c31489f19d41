// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "common/token/base62.h"

#include <algorithm>
#include <array>
#include <compare>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>

namespace patd {

// The public name of a token: 10 random base62 digits (about 59 bits). It is the look-up key, is
// part of the token's secret, and may appear in logs.
class TokenId {
  public:
    static constexpr std::size_t kDigits = 10;

    static Result<TokenId> generate(Random& random) {
        TokenId id;
        TRY(random_base62(random, id.digits_));
        return id;
    }
    static std::optional<TokenId> parse(std::string_view text) {
        if (text.size() != kDigits || !is_base62(text))
            return std::nullopt;
        TokenId id;
        std::copy(text.begin(), text.end(), id.digits_.begin());
        return id;
    }

    std::string_view view() const { return {digits_.data(), digits_.size()}; }
    std::string text() const { return std::string(view()); }

    friend auto operator<=>(const TokenId&, const TokenId&) = default;

    // For hash tables. Ids are random, so their first eight digits are spread well enough.
    struct Hash {
        std::size_t operator()(const TokenId& id) const {
            std::uint64_t digits = 0;
            std::memcpy(&digits, id.digits_.data(), sizeof digits);
            return static_cast<std::size_t>(digits * 0x9e3779b97f4a7c15U >> 16);
        }
    };

  private:
    TokenId() = default;

    std::array<char, kDigits> digits_{};
};

}  // namespace patd
