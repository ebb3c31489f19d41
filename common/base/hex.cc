// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "common/base/hex.h"

namespace patd {

std::string to_hex(std::span<const std::uint8_t> bytes) {
    std::string text;
    for (const std::uint8_t byte : bytes)
        text.append({kHexDigits[byte >> 4], kHexDigits[byte & 15]});
    return text;
}

}  // namespace patd
