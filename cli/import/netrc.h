// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "cli/import/credential_file.h"

namespace patd::cli {

// The format of .netrc, as curl reads it: `machine HOST login NAME password SECRET`, on one line or
// several, values in double quotes or not, comments where a word is expected. The place is
// https://HOST. What is for no one machine (`default`, `macdef`) and `account` refuse the file.
// Errors as parse_credentials, by the line of `machine`.
Result<void> parse_netrc(std::string_view text, Credentials& credentials);

// Whether a file that begins with this word is one.
bool is_netrc_word(std::string_view word);

}  // namespace patd::cli
