// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "common/base/secrets.h"
#include "common/token/token_id.h"

#include <optional>
#include <string_view>

namespace patd {

// How a token's secret is written:
//   issued  pat1_ + 10 base62 id + _ + 43 base62 random (256 bits) + 6 base62 CRC-32 of all before
//   child   patc1_ + base64url body + 6 base62 CRC-32 of all before (docs/store-format.md)
inline constexpr std::string_view kIssuedPrefix = "pat1_";
inline constexpr std::string_view kChildPrefix = "patc1_";
inline constexpr std::size_t kIssuedDigits = 43;
inline constexpr std::size_t kIssuedBytes =
    kIssuedPrefix.size() + TokenId::kDigits + 1 + kIssuedDigits + kChecksumDigits;
// The longest password that OpenVPN passes on: FreeRADIUS, vsftpd and CUPS pass on more.
inline constexpr std::size_t kChildBytesMax = 127;
// For children that older versions made, accepted until they expire. No shape is longer.
inline constexpr std::size_t kOldChildBytesMax = 3072;

enum class TokenShape { None, Issued, Child };

// What `text` looks like, from prefix, length, alphabet and checksum alone. A text that is not
// token-shaped (a login password, say) must never be sent anywhere as a token.
TokenShape token_shape(std::string_view text);

// The id inside an issued secret; nothing if `text` does not have that shape.
std::optional<TokenId> issued_token_id(std::string_view text);

// The id in a text with the length and prefix of an issued secret, whatever its checksum: for
// callers that look the secret up, and so find out anyway whether it is intact.
std::optional<TokenId> claimed_token_id(std::string_view text);

// A new issued secret for `id`.
Result<TokenSecret> make_issued_secret(const TokenId& id, Random& random);

}  // namespace patd
