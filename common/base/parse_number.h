// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include <charconv>
#include <concepts>
#include <optional>
#include <string_view>
#include <system_error>

namespace patd {

// Decimal digits, after a minus where Number has a sign; never a plus, a blank or a fraction, and
// never a number that does not fit. Thread rule: any.

// The number that `text` begins with, which is taken off it; nothing, and `text` stays, otherwise.
template <std::integral Number>
std::optional<Number> take_number(std::string_view& text, int base = 10) {
    Number number{};
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number, base);
    if (error != std::errc())
        return std::nullopt;
    text.remove_prefix(static_cast<std::size_t>(end - text.data()));
    return number;
}

// The whole of `text`.
template <std::integral Number>
std::optional<Number> parse_number(std::string_view text) {
    const std::optional<Number> number = take_number<Number>(text);
    return text.empty() ? number : std::nullopt;
}

}  // namespace patd
