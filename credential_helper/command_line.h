// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "credential_helper/credential_request.h"

#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace patd::credential_helper {

// What the arguments ask for: a verb, or a text to print and a status to end with.
struct CommandLine {
    std::optional<Verb> verb;
    Narrowing narrowing;    // views the arguments
    bool show = false;      // --show: a terminal may show the secret
    std::string_view text;  // without a verb: the help, the version, or nothing
    std::string fault{};    // without a verb: a sentence for standard error
    int status = 0;         // without a verb: 0 with the text on standard output, else on error
};

// `arguments` are without the program's name. A verb that is not known gives no text and status 0,
// because gitcredentials(7) wants it ignored; no verb at all, or an unknown option, the usage
// and 2; a value that an option does not take, a sentence with it and 2.
CommandLine parse_command_line(std::span<char* const> arguments);

// Prints the text where its status says, and gives the status.
int print_text(const CommandLine& command);

}  // namespace patd::credential_helper
