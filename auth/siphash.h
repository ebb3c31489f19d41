// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include <cstdint>
#include <string_view>

namespace patd::auth {

struct SipKey {
    std::uint64_t low = 0;
    std::uint64_t high = 0;
};

// SipHash-2-4 (Aumasson and Bernstein, 2012): turns texts that strangers choose into numbers;
// without the key nobody finds two texts with the same number.
std::uint64_t siphash(const SipKey& key, std::string_view text);

}  // namespace patd::auth
