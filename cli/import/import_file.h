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
    TokenOptions token;  // holds for every token of the file
};

// Keeps every secret of a file of git's or of .netrc, by one operation, or none; says afterwards
// what still holds them in plain. Errors name the number of a line. A dry run checks all that can
// be checked without a password, and changes nothing.
Result<ExitCode> import_file(const Session& session, const FileImport& import);

}  // namespace patd::cli
