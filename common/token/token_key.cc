// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "common/token/token_key.h"

#include <array>
#include <string_view>

namespace patd {
namespace {

constexpr std::string_view kKeyDigits =
    "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
constexpr std::int64_t kBase = 62;

std::int64_t digit_value(char digit) {
    if (digit <= '9')
        return digit - '0';
    if (digit <= 'Z')
        return digit - 'A' + 10;
    return digit - 'a' + 36;
}

}  // namespace

std::int64_t token_key(const TokenId& id) {
    std::int64_t key = 0;
    for (const char digit : id.view())
        key = key * kBase + digit_value(digit);
    return key;
}

std::optional<TokenId> token_id_of(std::int64_t key) {
    if (key < 0)
        return std::nullopt;
    std::array<char, TokenId::kDigits> digits{};
    for (std::size_t i = digits.size(); i-- > 0; key /= kBase)
        digits[i] = kKeyDigits[static_cast<std::size_t>(key % kBase)];
    if (key != 0)
        return std::nullopt;
    return TokenId::parse({digits.data(), digits.size()});
}

}  // namespace patd
