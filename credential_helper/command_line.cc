// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "credential_helper/command_line.h"

#include "credential_helper/adapters/options.h"
#include "credential_helper/standard_streams.h"

#include <unistd.h>

namespace patd::credential_helper {
namespace {

constexpr std::string_view kUsage =
    "usage: git-credential-pat [--permission LIST] [--ttl TIME] [--show]\n"
    "                          get|store|erase|capability\n"
    "\n"
    "A git credential helper, gitcredentials(7): it asks patd for the token that fits the request\n"
    "on standard input and prints it for git. 'patctl setup git' configures it.\n"
    "\n"
    "  --permission LIST  ask for a token that can do only this, for example\n"
    "                     vcs:repository:ro,project:issue:ro\n"
    "  --ttl TIME         ask for a token with this lifetime: 300s, 5m or 1h\n"
    "  --show             let 'get' print a secret on a terminal\n"
    "  --help             print this text\n"
    "  --version          print the version\n";
constexpr std::string_view kVersion = "git-credential-pat " PATD_VERSION "\n";
constexpr int kUsageStatus = 2;
constexpr std::size_t kShownBytes = 16;  // no token is as short, and every time is

CommandLine text_only(std::string_view text, int status) {
    CommandLine command;
    command.text = text;
    command.status = status;
    return command;
}

// The sentence, and what was typed, made visible; not what could be a secret, whose user has
// mistaken the place.
std::string with_value(std::string_view fault, std::string_view typed) {
    std::string text(fault);
    if (typed.size() > kShownBytes || typed.find('@') != std::string_view::npos)
        return text;
    text.append(", not '");
    for (const char c : typed)
        text += c >= ' ' && c <= '~' ? c : '?';
    return text.append("'");
}

CommandLine fault_only(std::string_view fault, std::string_view typed) {
    CommandLine command;
    command.fault = with_value(fault, typed);
    command.status = kUsageStatus;
    return command;
}

}  // namespace

CommandLine parse_command_line(std::span<char* const> arguments) {
    CommandLine command = text_only(kUsage, kUsageStatus);
    while (!arguments.empty()) {
        const std::string_view argument = arguments.front();
        arguments = arguments.subspan(1);
        if (argument == "--help")
            return text_only(kUsage, 0);
        if (argument == "--version")
            return text_only(kVersion, 0);
        if (argument == "--show") {
            command.show = true;
        } else if ((argument == "--permission" || argument == "--ttl") && !arguments.empty()) {
            const std::string_view fault =
                take_narrowing(argument, arguments.front(), command.narrowing);
            if (!fault.empty())
                return fault_only(fault, arguments.front());
            arguments = arguments.subspan(1);
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
    complain(command.fault);
    if (command.status == 0)
        return write_output({command.text}) ? 0 : 1;
    return write_all(STDERR_FILENO, command.text) ? command.status : 1;
}

}  // namespace patd::credential_helper
