// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace patd {

inline constexpr std::string_view kHexDigits("0123456789abcdef");

// Two lower-case digits for each byte. Of what is not secret: the text is not wiped.
std::string to_hex(std::span<const std::uint8_t> bytes);

}  // namespace patd
