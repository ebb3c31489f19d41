// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "cli/command/commands.h"
#include "cli/git/git_setup.h"
#include "cli/import/store_places.h"
#include "cli/session/typed_values.h"

#include <memory>

namespace patd::cli {
namespace {

struct SetupOptions {
    GitSetup git;
    bool system = false;
    bool undo = false;
};

Result<ExitCode> run_setup(const Session& session, SetupOptions options) {
    options.git.scope = options.system ? GitScope::System : GitScope::Global;
    if (options.git.url)
        TRY(read_place(*options.git.url, std::nullopt));
    if (options.undo)
        return undo_git(session, options.git.scope);
    const SetUp done = TRY(set_up_git(session, options.git));
    if (!session.json && done.code == ExitCode::Success) {
        for (const std::string& text : tell_of_store(done.silenced, done.tokens))
            session.warn("note: " + text);
    }
    return done.code;
}

}  // namespace

void add_setup(CLI::App& app, Session& session) {
    CLI::App& setup = *app.add_subcommand("setup", "Let another program use your tokens");
    setup.require_subcommand(1);
    CLI::App& git = *setup.add_subcommand("git", "Let git ask git-credential-pat");
    auto options = std::make_shared<SetupOptions>();
    git.add_flag("--system", options->system,
                 "For every user of the machine (/etc/gitconfig; as root)");
    CLI::Option* url = git.add_option(
        "URL", options->git.url, "Only for this place, instead of the helpers that git asks there");
    CLI::Option* keep = git.add_flag(
        "--keep", options->git.keep,
        "Let git ask the other helpers too, after patd; they may keep copies of what it answers");
    keep->excludes(url);
    git.add_flag("--undo", options->undo, "Take back all that this command wrote")
        ->excludes(url)
        ->excludes(keep);
    git.callback([&session, options] {
        session.action = [&session, options] { return run_setup(session, *options); };
    });
}

}  // namespace patd::cli
