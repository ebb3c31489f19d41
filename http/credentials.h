// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "common/base/result.h"
#include "common/base/secret_buffer.h"

#include <optional>
#include <string_view>

namespace patd::web {

// What an Authorization field says: views into it, or into the buffer that Basic was decoded into.
struct Credentials {
    std::string_view user;    // "" for Bearer, and where Basic has none
    std::string_view secret;  // shaped like a token
};

// Reads Basic (RFC 7617; the password is the token) and Bearer (RFC 6750). Nothing for another
// scheme, for what breaks the grammar, and for a secret that is not shaped like a token: a login
// password is never passed on. LimitExceeded: `room` is full.
Result<std::optional<Credentials>> read_credentials(std::string_view field, SecretBuffer& room);

}  // namespace patd::web
