// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "common/base/random.h"

#include <cstdint>
#include <span>
#include <string_view>

namespace patd {

// The digits 0-9 A-Z a-z. A double click selects all of it, and no shell or URL changes it.
bool is_base62(std::string_view text);

// Fills `digits` with independent, uniformly distributed digits (rejection sampling; the random
// bytes used are wiped).
Result<void> random_base62(Random& random, std::span<char> digits);

// CRC-32 (ISO-HDLC, as in zlib). It distinguishes a typo from a dead token; it protects nothing.
std::uint32_t crc32(std::string_view text);

// The six base62 digits of a CRC-32, most significant first.
inline constexpr std::size_t kChecksumDigits = 6;
void write_checksum(std::uint32_t crc, std::span<char, kChecksumDigits> digits);
// Whether the last six characters of `text` are the checksum of the rest.
bool has_valid_checksum(std::string_view text);

}  // namespace patd
