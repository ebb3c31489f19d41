// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "cli/command/commands.h"
#include "cli/git/git_gateway.h"
#include "cli/git/git_setup.h"
#include "cli/import/store_places.h"
#include "cli/session/typed_values.h"
#include "cli/tools/tool_setup.h"

#include <memory>

namespace patd::cli {
namespace {

struct SetupOptions {
    GitSetup git;
    bool system = false;
    bool undo = false;
};

struct ToolOptions {
    std::string tool;
    tools::Order order;
    bool dry_run = false;
    bool list = false;
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

Result<ExitCode> run_tool_setup(const Session& session, const ToolOptions& options) {
    if (options.list)
        return tools::list_tools(session);
    if (options.tool.empty())
        return session.fail_usage(
            "'setup' needs a tool: patctl setup docker, or all of them: "
            "patctl setup --list");
    return tools::set_up_tool(session, options.tool, options.order, options.dry_run);
}

// `setup git --list`: what is not git's own is left to `setup` by CLI11.
bool has_options(const CLI::App& setup) {
    const std::vector<const CLI::Option*> options =
        setup.get_options([](const CLI::Option* option) { return option->count() > 0; });
    return !options.empty();
}

void add_git(CLI::App& setup, Session& session) {
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
    git.callback([&session, &setup, options] {
        session.action = [&session, &setup, options]() -> Result<ExitCode> {
            if (has_options(setup))
                return session.fail_usage("'setup git' takes --system, --keep, --undo or one URL");
            return run_setup(session, *options);
        };
    });
}

void add_gateway(CLI::App& setup, Session& session) {
    CLI::App& gateway = *setup.add_subcommand(
        "gateway", "Let git reach the forges of tokens that go through the gateway");
    const auto undo = std::make_shared<bool>(false);
    gateway.add_flag("--undo", *undo, "Take back all that this command wrote");
    gateway.callback([&session, &setup, undo] {
        session.action = [&session, &setup, undo]() -> Result<ExitCode> {
            if (has_options(setup))
                return session.fail_usage("'setup gateway' takes --undo and nothing else");
            return *undo ? undo_gateway(session) : set_up_gateway(session);
        };
    });
}

}  // namespace

void add_setup(CLI::App& app, Session& session) {
    CLI::App& setup = *app.add_subcommand("setup", "Let another program use your tokens");
    auto options = std::make_shared<ToolOptions>();
    CLI::Option* tool =
        setup.add_option("TOOL", options->tool,
                         "docker, podman, cargo, pip, aws, kubectl, go, pnpm, terraform, "
                         "ansible, bazel, restic, borg, rclone, msmtp, isync or neomutt");
    CLI::Option* names =
        setup.add_option("NAME", options->order.names,
                         "For these places alone: hosts, profiles, registries, users, labels; "
                         "else those of your tokens");
    CLI::Option* list =
        setup.add_flag("--list", options->list, "Show what is set up, and what could be");
    list->excludes(tool);
    CLI::Option* dry_run =
        setup.add_flag("--dry-run", options->dry_run, "Only show what would be written");
    CLI::Option* undo = setup.add_flag("--undo", options->order.undo,
                                       "Take back what this command wrote for the tool");
    CLI::Option* all_hosts =
        setup.add_flag("--all-hosts", options->order.all_hosts,
                       "docker: for every registry, also those without a token (credsStore)");
    CLI::Option* link =
        setup.add_flag("--link", options->order.link,
                       "pip: also make ~/.local/bin/keyring, the program that pip looks for");
    for (CLI::Option* option : {names, dry_run, undo, all_hosts, link})
        option->excludes(list);
    setup.callback([&session, &setup, options] {
        if (setup.get_subcommands().empty())
            session.action = [&session, options] { return run_tool_setup(session, *options); };
    });
    add_git(setup, session);
    add_gateway(setup, session);
}

}  // namespace patd::cli
