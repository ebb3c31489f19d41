// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "daemon/daemon.h"

#include <optional>

namespace patd::user {

struct CommandLine {
    DaemonOptions options;
    // Set by --help and --version: there is nothing to run.
    std::optional<int> exit_status;
};

// patd-user(8). Where nothing is said, things lie below /run/user/UID and the home directory that
// the account has. Unknown options and stray words are refused, with a line on stderr
// (UnknownOption). AccessDenied: the process has no account.
Result<CommandLine> parse_command_line(int argc, char** argv);

}  // namespace patd::user
