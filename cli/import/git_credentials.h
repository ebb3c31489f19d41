// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "cli/import/credential_file.h"

namespace patd::cli {

// The format of git-credential-store(1): https://USER:SECRET@HOST[:PORT][/PATH] a line, divided and
// percent-decoded as git does it. Empty lines are passed over, as there, and with a word comments
// and lines without a user name or a password.
void parse_git_credentials(std::string_view text, Credentials& credentials);

}  // namespace patd::cli
