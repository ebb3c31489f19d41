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

// What git asks for when it has a URL.
struct Remote {
    Origin origin;
    std::string path;  // decoded; "" too where no target can hold it
    std::optional<std::string> username;
    std::string odd_path = {};  // why none can, without the "path: "; "" where one can
};

// Any URL that git takes, read as git reads it: unlike a place's, its path may be one that no
// target can hold, for which a token for the whole host alone fits; and %2F is a slash.
// InvalidTarget for what git or patd would not even ask with: what parse_place refuses before the
// path, and control bytes.
Result<Remote> parse_remote(std::string_view text, const std::optional<std::string>& username = {});

}  // namespace patd
