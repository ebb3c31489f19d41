// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "cli/command/commands.h"
#include "cli/git/git_config.h"
#include "cli/git/path_targets.h"
#include "cli/text/json.h"

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

std::string describe(const std::set<std::string>& origins) {
    std::string text;
    for (const std::string& origin : origins)
        text += "\ngit tells the path of URLs at " + origin + " now; a token is bound to one.";
    return text;
}

nlohmann::json to_json(const std::vector<HelperLine>& lines) {
    nlohmann::json array = nlohmann::json::array();
    for (const HelperLine& line : lines)
        array.push_back({{"scope", line.scope}, {"origin", line.origin}, {"key", line.key}});
    return array;
}

// Where git has to tell the path, because a token of the caller's is bound to one. None when the
// service cannot be asked: the helper is set up all the same, and doctor looks again.
Result<std::set<std::string>> set_paths(const Session& session) {
    Result<client::TokensClient> client = session.connect();
    if (!client)
        return std::set<std::string>();
    const Result<std::vector<client::Dictionary>> tokens = client->list();
    std::set<std::string> set;
    if (!tokens)
        return set;
    for (const std::string& origin : path_bound_origins(*tokens)) {
        if (sends_path(origin))
            continue;
        TRY(write_use_path(GitScope::Global, origin));
        set.insert(origin);
    }
    return set;
}

Result<ExitCode> setup_git(const Session& session, GitScope scope) {
    const std::string helper = find_helper();
    TRY(write_git_config(scope, helper));
    // Whose tokens they are is a matter of the user's own configuration.
    const std::set<std::string> paths =
        scope == GitScope::Global ? TRY(set_paths(session)) : std::set<std::string>();
    const std::vector<HelperLine> others = TRY(find_other_helpers(helper));
    TRY(session.report({{"helper", helper}, {"others", to_json(others)}, {"paths", paths}},
                       "git asks " + helper + " for credentials now." + describe(paths)));
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
