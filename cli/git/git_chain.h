// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "cli/git/git_config.h"

#include <string>
#include <vector>

namespace patd::cli {

// Whom git asks for credentials of a place. Which lines hold for a URL, and what an empty helper
// takes back, is git's business: it is asked, with every helper replaced by one that tells its
// number, so that none of the real ones is run.

struct Asked {
    std::vector<ConfigLine> helpers;  // in the order in which git asks them
    bool tells_path = false;          // whether they learn the path of a URL there
};

// Of `lines`, for a URL. Unavailable: git cannot be asked, or not about this URL. LimitExceeded:
// more lines than one question may hold.
Result<Asked> ask_git(const std::vector<ConfigLine>& lines, const std::string& url);

// Whether git tells a helper the path of a URL at `origin` (credential.useHttpPath).
bool sends_path(const std::string& origin, Where where = Where::Here);

// A URL for which nothing but the lines for every place hold.
inline constexpr char kSomewhere[] = "https://host.invalid/path";

// The PLACE of `credential.PLACE.helper`.
std::string place_of_key(const std::string& key);
// A URL there.
std::string url_of_key(const std::string& key);
// The places that have helpers of their own: the keys, each once.
std::vector<std::string> keys_of_places(const std::vector<ConfigLine>& lines);

// Whether a helper is patd's.
bool is_ours(const ConfigLine& line);
// Whether it is known to keep nothing of what git stores: it makes credentials, or reads them
// where another program keeps them.
bool keeps_nothing(const ConfigLine& line);

// How a helper stands in the configuration: never a shell command, which may hold a secret.
std::string describe(const ConfigLine& line);
// The same of one that git asks beside patd, and what comes of that.
std::string describe_other(const ConfigLine& line);
// A helper as people know it: "gh", "patd", "a shell command".
std::string name_helper(const ConfigLine& helper);
// "gh alone", "store, then cache", "nobody": a chain in one phrase.
std::string name_chain(const std::vector<ConfigLine>& helpers);

}  // namespace patd::cli
