// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "daemon/daemon.h"

#include <optional>

namespace patd {

struct CommandLine {
    DaemonOptions options;
    bool check_config = false;
    // Set by --help and --version: there is nothing to run.
    std::optional<int> exit_status;
};

// patd(8). Unknown options and stray words are refused, with a line on stderr. UnknownOption.
Result<CommandLine> parse_command_line(int argc, char** argv);

}  // namespace patd
