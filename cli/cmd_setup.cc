// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "cli/commands.h"
#include "cli/git_config.h"
#include "cli/json.h"

#include <memory>

namespace patd::cli {
namespace {

// A value that starts with `!` is a shell command, which may hold anything, also a secret.
std::string describe(const HelperLine& line) {
    const std::string value = line.value.starts_with('!') ? "(a shell command)" : line.value;
    return "git also asks " + printable(line.key) + " = " + printable(value) + " of the " +
           printable(line.scope) + " configuration (" + printable(line.origin) +
           "), which may keep a copy of what it is given";
}

nlohmann::json to_json(const std::vector<HelperLine>& lines) {
    nlohmann::json array = nlohmann::json::array();
    for (const HelperLine& line : lines)
        array.push_back({{"scope", line.scope}, {"origin", line.origin}, {"key", line.key}});
    return array;
}

Result<ExitCode> setup_git(const Session& session, GitScope scope) {
    const std::string helper = find_helper();
    TRY(write_git_config(scope, helper));
    const std::vector<HelperLine> others = TRY(find_other_helpers(helper));
    TRY(session.report({{"helper", helper}, {"others", to_json(others)}},
                       "git asks " + helper + " for credentials now."));
    if (!session.json) {
        for (const HelperLine& other : others)
            session.warn("warning: " + describe(other));
    }
    return ExitCode::Success;
}

}  // namespace

void add_setup(CLI::App& app, Session& session) {
    CLI::App& setup = *app.add_subcommand("setup", "Let another program use the tokens");
    setup.require_subcommand(1);
    CLI::App& git = *setup.add_subcommand("git", "Let git ask git-credential-pat");
    auto system = std::make_shared<bool>(false);
    git.add_flag("--system", *system, "For every user of the machine (/etc/gitconfig; as root)");
    git.callback([&session, system] {
        session.action = [&session, system] {
            return setup_git(session, *system ? GitScope::System : GitScope::Global);
        };
    });
}

}  // namespace patd::cli
