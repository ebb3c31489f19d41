// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "cli/import/import_ending.h"
#include "cli/session/session.h"

#include <nlohmann/json.hpp>

#include <string>
#include <vector>

namespace patd::cli {

// What people and programs are told of the lines of a file, each by its number, and never with a
// secret. `tokens` are made of `credentials`, in their order.

// Before anything is kept: what is passed over, what cannot be kept, and which user names `tokens`,
// those that are kept already, will be tied with. With --json nothing: the rows have it.
void say_before_import(const Session& session, const Credentials& credentials,
                       const std::vector<client::Dictionary>& tokens, FileFormat format);
// All of what is wrong at once; nothing was changed.
ExitCode refuse_file(const Session& session, const Credentials& credentials);
std::string in_one_line(const std::vector<Remark>& faults);
// A row for each token, and for each line that gives none.
nlohmann::json rows_of_file(const Credentials& credentials,
                            const std::vector<client::Dictionary>& tokens,
                            const std::vector<KnownLine>& known);
Result<void> show_tokens(const Session& session, const Credentials& credentials,
                         const std::vector<client::Dictionary>& tokens);
std::string summarize_import(bool dry_run, std::size_t fresh, const std::vector<KnownLine>& known);

}  // namespace patd::cli
