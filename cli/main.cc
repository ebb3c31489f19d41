// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "cli/app.h"
#include "cli/io/terminal.h"
#include "common/base/names.h"
#include "common/base/no_core.h"

#include <csignal>
#include <exception>
#include <iostream>

namespace {

// Secrets pass through this process: no core dump, no reading of its memory by the same user.
void harden_process() {
    patd::leave_no_core();
    // A closed pipe is an error to handle, above all while a new secret is written.
    std::signal(SIGPIPE, SIG_IGN);
}

}  // namespace

int main(int argc, char** argv) {
    harden_process();
    try {
        const patd::SystemClock clock;
        const patd::cli::Environment environment{
            .connect = patd::client::TokensClient::open,
            .connect_session = patd::client::TokensClient::open_session,
            .open_terminal = patd::cli::Terminal::open_controlling,
            .clock = clock,
            .enroll_socket = patd::names::kEnrollSocket,
            .line_socket = patd::names::kLineSocket,
        };
        const std::span<const char* const> arguments(argv, static_cast<std::size_t>(argc));
        return static_cast<int>(patd::cli::run(environment, arguments));
    } catch (const std::exception&) {  // a bug, or no memory; its text may hold anything
        std::cerr << "patctl: internal failure\n";
        return static_cast<int>(patd::cli::ExitCode::Failure);
    }
}
