// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "common/token/target.h"

#include <optional>
#include <string>
#include <string_view>

namespace patd {

// Where somebody wants a token for, and perhaps as whom.
struct Place {
    Target target;
    std::optional<std::string> username;
};

// `text` is any spelling that Target::parse takes, and may name a user before the host, as
// `git remote -v` prints it. `username` is one that was named beside the URL: the two must not
// differ. InvalidTarget and InvalidUsername, with the context of url_fault.
Result<Place> parse_place(std::string_view text, const std::optional<std::string>& username = {});

}  // namespace patd
