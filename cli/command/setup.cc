// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "cli/command/commands.h"
#include "cli/git/git_setup.h"

#include <memory>

namespace patd::cli {

void add_setup(CLI::App& app, Session& session) {
    CLI::App& setup = *app.add_subcommand("setup", "Let another program use your tokens");
    setup.require_subcommand(1);
    CLI::App& git = *setup.add_subcommand("git", "Let git ask git-credential-pat");
    auto setup_git = std::make_shared<GitSetup>();
    auto system = std::make_shared<bool>(false);
    git.add_flag("--system", *system, "For every user of the machine (/etc/gitconfig; as root)");
    git.add_option("URL", setup_git->url,
                   "Only for this place, instead of the helpers that git asks there");
    git.callback([&session, setup_git, system] {
        setup_git->scope = *system ? GitScope::System : GitScope::Global;
        session.action = [&session, setup_git] { return set_up_git(session, *setup_git); };
    });
}

}  // namespace patd::cli
