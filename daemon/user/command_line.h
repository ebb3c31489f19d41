// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "daemon/command_line.h"

namespace patd::user {

// patd-user(8). Where nothing is said, things lie below /run/user/UID and the home directory that
// the account has. Errors: as parse_arguments; AccessDenied: the process has no account.
Result<CommandLine> parse_command_line(int argc, char** argv);

}  // namespace patd::user
