// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "common/base/names.h"
#include "credential_helper/ask_services.h"
#include "credential_helper/command_line.h"
#include "credential_helper/credential_reply.h"
#include "credential_helper/standard_streams.h"
#include "credential_helper/tool.h"

#include <signal.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <span>

// A compile-time constant, never an option or a variable of the environment: line_client.h.
#ifndef PATD_LINE_SOCKET
#define PATD_LINE_SOCKET patd::names::kLineSocket
#endif

namespace patd::credential_helper {
namespace {

int run(int argc, char** argv) {
    if (!ensure_standard_streams())
        return 1;
    const std::span<char* const> arguments(argv + (argc > 0), argv + argc);
    const OwnSocketPath own_socket = own_socket_path();
    const Sockets sockets{own_socket.data(), PATD_LINE_SOCKET};
    if (const auto tool = find_tool(argc > 0 ? argv[0] : "", arguments))
        return run_tool(*tool, sockets);
    const CommandLine command = parse_command_line(arguments);
    if (!command.verb)
        return print_text(command);
    if (command.verb == Verb::Get && !command.show && isatty(STDOUT_FILENO) == 1) {
        complain("standard output is a terminal; add --show to see the secret there");
        return 1;
    }
    const Result<SecretBuffer> reply =
        ask_services(*command.verb, STDIN_FILENO, sockets, command.narrowing);
    const Outcome outcome =
        reply ? outcome_of_reply(*command.verb, *reply) : outcome_of_error(reply.error().code);
    complain(outcome.complaint);
    return write_output({outcome.answer, outcome.words}) ? outcome.status : 1;
}

}  // namespace
}  // namespace patd::credential_helper

int main(int argc, char** argv) {
    // Before anything is read: no core dump, no ptrace, no /proc/PID/mem for the same uid.
    (void)prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
    (void)signal(SIGPIPE, SIG_IGN);
    // No teardown: nothing is buffered, and every secret was wiped when `run` returned.
    try {
        _exit(patd::credential_helper::run(argc, argv));
    } catch (...) {
        patd::credential_helper::complain("out of memory");
    }
    _exit(1);
}
