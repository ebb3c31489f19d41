// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "cli/import/import_ending.h"
#include "cli/session/options.h"

#include <nlohmann/json.hpp>

namespace patd::cli {

// What `import --from` takes, as typed.
struct FileImport {
    std::string file;
    std::optional<std::string> format;
    bool dry_run = false;
    bool skip = false;          // keep the rest when some lines cannot be kept
    bool only_regular = false;  // wait for no pipe
    TokenOptions token;         // holds for every token of the file
};

// What is to be made of a file.
struct FileTokens {
    Credentials credentials;                 // of those that are not kept yet
    std::vector<client::Dictionary> tokens;  // of these, as ImportMany takes them
    std::vector<KnownLine> known;
};

// For who begins ImportMany elsewhere, each token with the values of `common`. The file's faults
// are one error, which names each by its line.
Result<FileTokens> read_file_tokens(const Session& session, client::TokensClient& client,
                                    const FileImport& import, const client::Dictionary& common);
// Puts the ids that ImportMany answered to the tokens. Internal: they are not as many.
Result<void> note_ids(FileTokens& file, const client::Dictionary& result);
// A row for each line, as patctl-json(7) has it.
nlohmann::json rows_of(const FileTokens& file);

// Keeps every secret of a file of git's or of .netrc that is not kept yet, by one operation; says
// before it what cannot be kept, what is passed over and what will be tied, each by its line, and
// afterwards what still holds them in plain. What cannot be kept refuses the file, unless `skip`.
// A dry run checks all that can be checked without a password, and changes nothing.
Result<ExitCode> import_file(const Session& session, const FileImport& import);

}  // namespace patd::cli
