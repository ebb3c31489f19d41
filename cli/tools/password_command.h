// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "cli/session/session.h"
#include "cli/tools/tool.h"

#include <span>

namespace patd::cli::tools {

// Tools that start a program of one's choice for a password, which is named in a file or variable
// that patctl does not write: where it belongs is a matter of how one starts the tool. They are
// told the line.
struct PasswordCommand {
    const char* name;
    const char* before;  // the line, around the command
    const char* after;
    const char* place;    // where it belongs
    const char* example;  // of a URL
};

std::span<const PasswordCommand> password_commands();
const PasswordCommand* find_password_command(const std::string& name);

// Prints the line for the places that were named. It writes nothing.
Result<ExitCode> tell_password_command(const Session& session, const PasswordCommand& command,
                                       const Surroundings& around, const Order& order);

}  // namespace patd::cli::tools
