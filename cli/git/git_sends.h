// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include <optional>
#include <string>

namespace patd::cli {

// What a configuration brings into git's requests without any helper.
enum class Sent {
    Password,    // of a URL that url.*.insteadOf puts in the place of this one
    Header,      // http.extraHeader has an Authorization
    AnotherUrl,  // url.*.insteadOf makes another one of it, which is what git asks for
};

// What git, run here and now, sends where it has `url`, of a host alone with a slash behind it. Of
// what it holds nothing is read, and none of it comes into a command line.
std::optional<Sent> find_sent(const std::string& url);

// That in a sentence for people, without a full stop; and what names the files that have it, and
// shows nothing of them.
std::string describe(Sent sent);
std::string fix_sent(Sent sent);

}  // namespace patd::cli
