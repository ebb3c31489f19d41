// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "daemon/command_line.h"

namespace patd::user {

// patd-user(8). By default things are below /run/user/UID and the account's home directory. Errors:
// those of parse_arguments; AccessDenied: the process has no account.
Result<CommandLine> parse_command_line(int argc, char** argv);

}  // namespace patd::user
