// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "credential_helper/command_line.h"

#include "credential_helper/standard_streams.h"

#include <unistd.h>

namespace patd::credential_helper {
namespace {

constexpr std::string_view kUsage =
    "usage: git-credential-pat [--show] get|store|erase|capability\n"
    "\n"
    "A git credential helper, gitcredentials(7): it asks patd for the token that fits the request\n"
    "on standard input and prints it for git. 'patctl setup git' configures it.\n"
    "\n"
    "  --show     let 'get' print a secret on a terminal\n"
    "  --help     print this text\n"
    "  --version  print the version\n";
constexpr std::string_view kVersion = "git-credential-pat " PATD_VERSION "\n";
constexpr int kUsageStatus = 2;

CommandLine text_only(std::string_view text, int status) {
    CommandLine command;
    command.text = text;
    command.status = status;
    return command;
}

}  // namespace

CommandLine parse_command_line(std::span<char* const> arguments) {
    CommandLine command = text_only(kUsage, kUsageStatus);
    for (const std::string_view argument : arguments) {
        if (argument == "--help")
            return text_only(kUsage, 0);
        if (argument == "--version")
            return text_only(kVersion, 0);
        if (argument == "--show") {
            command.show = true;
        } else if (argument.starts_with('-')) {
            return text_only(kUsage, kUsageStatus);
        } else {
            command.verb = parse_verb(argument);
            command.text = "";
            command.status = 0;
        }
    }
    return command;
}

int print_text(const CommandLine& command) {
    const int fd = command.status == 0 ? STDOUT_FILENO : STDERR_FILENO;
    return write_all(fd, command.text) ? command.status : 1;
}

}  // namespace patd::credential_helper
