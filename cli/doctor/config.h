// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "cli/doctor/findings.h"
#include "common/base/result.h"

#include <string>
#include <vector>

namespace patd::cli::doctor {

// What the service's own program says of its configuration.
struct ConfigCheck {
    struct Fault {
        std::string file;
        std::string line;  // empty: the file as a whole
        std::string text;  // what is wrong and how to fix it
    };
    std::string options;  // what else it prints: every option, and where it was set
    std::vector<Fault> faults;
};

// Pure: of the lines "FILE:LINE: TEXT" or "FILE: TEXT".
std::vector<ConfigCheck::Fault> parse_faults(const std::string& text);
// "FILE:LINE: TEXT".
std::string format_fault(const ConfigCheck::Fault& fault);

// A program that checks its configuration, and its package.
struct ConfigProgram {
    const char* path;
    const char* package;
};

// Asks such a program below `root`. Unavailable: it is not installed. Internal: it says nothing
// that can be understood.
Result<ConfigCheck> ask_config(const std::string& root, const ConfigProgram& program);
// Asks the program of the system service, or that of the user's `own`.
Result<ConfigCheck> ask_config(const std::string& root, bool own);

// Every fault of the configuration is an error; `runs` tells how a fixed one is put in force. Gives
// whether there was one.
bool check_config(const std::string& root, bool own, bool runs, Findings& findings);

}  // namespace patd::cli::doctor
