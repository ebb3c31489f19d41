// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "cli/session/options.h"

namespace patd::cli {

// What `import --from` takes, as typed.
struct FileImport {
    std::string file;
    std::optional<std::string> format;
    bool dry_run = false;
    bool skip = false;   // keep the rest when some lines cannot be kept
    TokenOptions token;  // holds for every token of the file
};

// Keeps every secret of a file of git's or of .netrc that is not kept yet, by one operation; says
// before it what cannot be kept, what is passed over and what will be tied, each by its line, and
// afterwards what still holds them in plain. What cannot be kept refuses the file, unless `skip`.
// A dry run checks all that can be checked without a password, and changes nothing.
Result<ExitCode> import_file(const Session& session, const FileImport& import);

}  // namespace patd::cli
