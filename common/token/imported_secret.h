// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "common/base/secrets.h"
#include "common/token/token.h"

#include <cstddef>
#include <optional>
#include <span>

namespace patd {

// Stands between the parts of a secret: no part holds a control character.
inline constexpr char kPartsSeparator = '\t';

// A secret of SecretKind::Aws is the secret key, and behind a separator perhaps the session token.
// Views the secret.
struct SecretParts {
    std::span<const char> secret;
    std::optional<std::span<const char>> session_token;
};
SecretParts divide_secret(std::span<const char> secret);

// Whether a secret that was made elsewhere can be kept: 1 to largest_secret(kind) bytes without
// control characters, and none of patd's own making; of one with parts, each part. InvalidSecret.
Result<void> check_imported_secret(std::span<const char> secret,
                                   SecretKind kind = SecretKind::Text);
Result<void> check_imported_secret(const TokenSecret& secret, SecretKind kind = SecretKind::Text);
std::size_t largest_secret(SecretKind kind);

}  // namespace patd
