// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include <charconv>
#include <concepts>
#include <optional>
#include <string_view>
#include <system_error>

namespace patd {

// Decimal digits, with an optional minus if Number is signed; no plus, blank or fraction, and no
// number that does not fit. Thread rule: any.

// Parses the number at the start of `text` and removes it from there; otherwise returns nothing and
// leaves `text` unchanged.
template <std::integral Number>
std::optional<Number> take_number(std::string_view& text, int base = 10) {
    Number number{};
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number, base);
    if (error != std::errc())
        return std::nullopt;
    text.remove_prefix(static_cast<std::size_t>(end - text.data()));
    return number;
}

// Parses all of `text`.
template <std::integral Number>
std::optional<Number> parse_number(std::string_view text) {
    const std::optional<Number> number = take_number<Number>(text);
    return text.empty() ? number : std::nullopt;
}

}  // namespace patd
