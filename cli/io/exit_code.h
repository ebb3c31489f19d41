// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "common/base/errc.h"

namespace patd::cli {

// What patctl exits with; patctl(1) and `patctl --help` list them, so never renumber.
enum class ExitCode : int {
    Success = 0,
    Failure = 1,      // anything else
    Usage = 2,        // the command line or a value in it is wrong
    NotFound = 3,     // no such token
    Refused = 4,      // wrong password, too many of them, not allowed, a token that is not valid
    CannotAsk = 5,    // a prompt was needed and nobody could, or would, answer it
    Unreachable = 6,  // the service does not answer, or somebody else answers for it
    // Of `exec`, as shells do:
    CannotRun = 126,  // the command is there, but is no program
    NoCommand = 127,
};

ExitCode exit_code_of(Errc code);

}  // namespace patd::cli
