// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "common/base/result.h"

#include <span>
#include <string_view>

namespace patd::cli {

// Some services take a token in the place of the user name. There it must not stay: user names are
// shown everywhere.

// A user name and a secret, each a part of what was given.
struct NamedSecret {
    std::string_view username;
    std::span<const char> secret;
    bool was_username = false;  // the secret was given as the user name
};

// `TOKEN:x-oauth-basic` and the like is the token with the user name that its service documents.
// InvalidUsername, with the fix: the user name looks like a token, and the secret is another.
Result<NamedSecret> put_right(std::string_view username, std::span<const char> secret);

}  // namespace patd::cli
