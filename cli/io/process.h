// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "common/base/result.h"

#include <optional>
#include <string>
#include <vector>

namespace patd::cli {

struct ProcessResult {
    int status = 0;      // the exit status; 128 + signal when one ended it
    std::string output;  // its standard output
    std::string errors;  // its standard error
};

// How else a program is run.
struct ProcessSetting {
    std::optional<std::vector<std::string>> environment{};  // NAME=VALUE; else this process's
    std::string input{};                                    // its standard input
};

// Runs `arguments[0]`, looked up in PATH, with the environment of this process and no input unless
// told otherwise, and waits for it. There is no shell in between, and nothing that it says comes
// before people's eyes or into what a script reads by itself. Unavailable: it cannot be started.
Result<ProcessResult> run_process(const std::vector<std::string>& arguments,
                                  const ProcessSetting& setting = {});

// `texts` as posix_spawn(3) takes them: with a null pointer at the end. Points into `texts`.
std::vector<char*> to_pointers(std::vector<std::string>& texts);

}  // namespace patd::cli
