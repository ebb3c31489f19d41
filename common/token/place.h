// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "common/token/target.h"

#include <optional>
#include <string>
#include <string_view>

namespace patd {

// The place that somebody wants a token for, and perhaps the user name.
struct Place {
    Target target;
    std::optional<std::string> username;
};

// `text` is any spelling that Target::parse takes, and may name a user before the host, as `git
// remote -v` prints it. `username` was given separately from the URL: the two must not differ.
// InvalidTarget and InvalidUsername, with the context of url_fault.
Result<Place> parse_place(std::string_view text, const std::optional<std::string>& username = {});

// What git asks for, given a URL.
struct Remote {
    Origin origin;
    std::string path;  // decoded; "" too if no target can hold it
    std::optional<std::string> username;
    std::string odd_path = {};  // why no target can, without the "path: "; "" if one can
};

// Any URL that git takes, read as git reads it. Unlike a place's, its path may be one that no
// target can hold, so that only a token for the whole host fits; and %2F is a slash. InvalidTarget
// for URLs with which git or patd would not even ask: those that parse_place refuses before the
// path, and control bytes.
Result<Remote> parse_remote(std::string_view text, const std::optional<std::string>& username = {});

}  // namespace patd
