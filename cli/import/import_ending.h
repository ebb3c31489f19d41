// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "cli/import/credential_file.h"

#include <string>
#include <vector>

namespace patd::cli {

// A line whose token is there already.
struct KnownLine {
    std::size_t line;
    std::string id;
};

struct Ending {
    std::string file;  // as typed; "-" for standard input
    FileFormat format = FileFormat::Git;
    std::vector<std::string> fixes = {};  // the commands by which git asks patd
    bool kept_later = false;              // the keyring has not written it yet
    bool through_gateway = false;         // no program gets them at their own places
    bool needs_way = false;               // git does not go to the gateway for them
};

// After an import: what still holds the secrets in plain, and the commands by which it no longer
// does. patctl does not remove anything itself: a file may hold more than secrets, and somebody may
// still read it. The commands work on that very file. Pure but for
// links, which it follows, and the home.
std::string tell_of_file(const Ending& ending, const Credentials& credentials,
                         const std::vector<KnownLine>& known);

}  // namespace patd::cli
