// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "cli/command/commands.h"
#include "cli/command/script_token.h"
#include "cli/io/descriptor_io.h"

#include <unistd.h>

#include <memory>

namespace patd::cli {
namespace {

struct GetOptions {
    ScriptTokenOptions token;
    bool show = false;
};

// Where the secret goes. It is made for pipes; a terminal is asked for.
Result<int> find_output(const Session& session, const GetOptions& options) {
    const int fd = session.output_fd.value_or(session.environment().output);
    if (!options.show && isatty(fd) == 1)
        return Error{Errc::Cancelled,
                     "this would show the secret on the screen; use a pipe, or --show"};
    return fd;
}

Result<ExitCode> get(const Session& session, const GetOptions& options) {
    const int fd = TRY(find_output(session, options));
    const TokenSecret secret = TRY(fetch_secret(session, options.token)).secret;
    TRY(write_all(fd, secret.reveal()));
    TRY(write_all(fd, std::string_view("\n")));
    return ExitCode::Success;
}

}  // namespace

void add_get(CLI::App& app, Session& session) {
    auto options = std::make_shared<GetOptions>();
    CLI::App& command = *app.add_subcommand("get", "Print a secret into a pipe");
    add_script_token_options(command, options->token);
    command.add_flag("--show", options->show, "Print it even on a terminal");
    add_output_fd(command, session);
    command.callback([&session, options] {
        session.action = [&session, options] { return get(session, *options); };
    });
}

}  // namespace patd::cli
