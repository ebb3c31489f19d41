// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "daemon/daemon.h"

#include <optional>
#include <span>

namespace patd {

struct CommandLine {
    DaemonOptions options;
    bool check_config = false;
    bool quiet = false;  // --check-config prints nothing
    bool refuse = false;
    // Set by --help and --version: there is nothing to run.
    std::optional<int> exit_status;
};

// One long option; `apply` gets the value, or null if it takes none.
struct CommandOption {
    const char* name;
    bool has_value;
    void (*apply)(CommandLine& line, const char* value);
};

// What a program of the service accepts: the options common to all, --help, --version, and
// `options`.
struct Program {
    const char* name;
    const char* help;
    std::span<const CommandOption> options = {};
};

// Unknown options and stray words are refused, with a line on stderr (UnknownOption).
Result<CommandLine> parse_arguments(const Program& program, DaemonOptions defaults, int argc,
                                    char** argv);

// patd(8).
Result<CommandLine> parse_command_line(int argc, char** argv);

}  // namespace patd
