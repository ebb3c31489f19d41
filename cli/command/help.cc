// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "cli/command/commands.h"
#include "cli/text/shown_value.h"

#include <memory>

namespace patd::cli {
namespace {

Result<ExitCode> help(const Session& session, const CLI::App& app,
                      const std::vector<std::string>& words) {
    const CLI::App* command = &app;
    std::string name = app.get_name();
    for (const std::string& word : words) {
        const auto named = command->get_subcommands(
            [&](const CLI::App* candidate) { return candidate->check_name(word); });
        if (named.empty())
            return session.fail_usage("there is no command " + shown_value(word) +
                                      "; 'patctl --help' lists all");
        command = named.front();
        name += " " + command->get_name();
    }
    // App::help would show that of the command that was parsed, which is this one.
    TRY(session.print_long(
        command->get_formatter()->make_help(command, name, CLI::AppFormatMode::Normal)));
    return ExitCode::Success;
}

}  // namespace

void add_help(CLI::App& app, Session& session) {
    auto words = std::make_shared<std::vector<std::string>>();
    CLI::App& command = *app.add_subcommand("help", "Show the help of a command");
    command.add_option("COMMAND", *words, "The command, such as 'admin backup'");
    command.callback([&app, &session, words] {
        session.action = [&app, &session, words] { return help(session, app, *words); };
    });
}

}  // namespace patd::cli
