// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "cli/app.h"

#include "cli/command/commands.h"
#include "cli/command/completion.h"
#include "cli/session/argument_check.h"

#include <algorithm>
#include <array>

namespace patd::cli {
namespace {

constexpr std::array kCommands = {
    add_create,     add_import, add_list_tokens, add_show,   add_edit,
    add_regenerate, add_delete, add_remove_all,  add_passwd, add_verify,
    add_lock,       add_unlock, add_status,      add_audit,  add_explain,
    add_exec,       add_get,    add_expose,      add_setup,  add_list_permissions,
    add_admin,      add_doctor,
};

constexpr char kFooter[] =
    "Exit codes:\n"
    "  0  it worked\n"
    "  1  it failed for another reason\n"
    "  2  the command line or a value in it is wrong\n"
    "  3  you have no such token\n"
    "  4  refused: wrong password, too many of them, not allowed, token not valid\n"
    "  5  a prompt was needed, and there was no terminal or no answer\n"
    "  6  the service cannot be reached\n"
    "exec ends as its command does, or with 127 (no such command) or 126 (it cannot be run).\n";

void declare(CLI::App& app, Session& session) {
    app.set_help_all_flag("--help-all", "Show the help of every command");
    app.set_version_flag("--version", "patctl " PATD_VERSION, "Show the version");
    app.add_flag("--json", session.json, "Print JSON, errors too (to standard error)");
    app.add_flag("--session", session.own_service,
                 "Talk to your own service on the session bus, whose secrets lie in your keyring");
    app.fallthrough();
    app.require_subcommand(1);
    for (const auto add : kCommands)
        add(app, session);
    // Last, since a command would take it over.
    app.footer(kFooter);
}

// CLI11 repeats an unexpected argument, which may be a secret of another make. Only what is surely
// the name of an option is repeated here.
std::string describe(const CLI::App& app, const CLI::ParseError& error) {
    if (dynamic_cast<const CLI::ExtrasError*>(&error) == nullptr)
        return error.what();
    for (const std::string& extra : app.remaining(true)) {
        if (extra.starts_with('-'))
            return "there is no option " + extra.substr(0, extra.find('='));
    }
    return "there are too many arguments; see 'patctl COMMAND --help'";
}

// What follows `--` is another command's.
bool wants_json(std::span<const char* const> arguments) {
    const auto is = [](std::string_view wanted) {
        return [wanted](const char* argument) { return wanted == argument; };
    };
    const auto end = std::find_if(arguments.begin(), arguments.end(), is("--"));
    return std::any_of(arguments.begin(), end, is("--json"));
}

// The help of `app` and of every command in it: CLI11 shows one level only.
std::string format_all_help(const CLI::App& app, const std::string& parent) {
    std::string text = app.help(parent);
    const std::string name = parent.empty() ? app.get_name() : parent + " " + app.get_name();
    for (const CLI::App* command : app.get_subcommands([](const CLI::App*) { return true; }))
        text += "\n" + format_all_help(*command, name);
    return text;
}

// What parsing alone answers: help, the version, a usage error.
ExitCode answer_parser(Session& session, const CLI::App& app, const CLI::ParseError& error) {
    Result<void> printed;
    if (dynamic_cast<const CLI::CallForAllHelp*>(&error) != nullptr)
        printed = session.print(format_all_help(app, ""));
    else if (dynamic_cast<const CLI::CallForHelp*>(&error) != nullptr)
        printed = session.print(app.help());
    else if (dynamic_cast<const CLI::CallForVersion*>(&error) != nullptr)
        printed = session.print(std::string(error.what()) + "\n");
    else
        return session.fail_usage(describe(app, error));
    return printed ? ExitCode::Success : session.fail(printed.error());
}

}  // namespace

ExitCode run(const Environment& environment, std::span<const char* const> arguments) {
    Session session(environment);
    session.json = wants_json(arguments);
    if (holds_secret(arguments))
        return session.fail_usage(
            "a token's secret stands in the command line, where every user can read it: give it "
            "on the prompt or by --secret-fd, and run 'patctl regenerate' for this one");
    CLI::App app("Personal access tokens of this machine", "patctl");
    declare(app, session);
    if (arguments.size() > 1 && arguments[1] == kCompleteCommand)
        return complete_words(session, app, arguments.subspan(2));
    try {
        app.parse(static_cast<int>(arguments.size()), arguments.data());
    } catch (const CLI::ParseError& error) {  // CLI11's only way to say no, and to say help
        return answer_parser(session, app, error);
    }
    const Result<ExitCode> result = session.action();
    return result ? *result : session.fail(result.error());
}

}  // namespace patd::cli
