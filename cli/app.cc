// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "cli/app.h"

#include "cli/argument_check.h"
#include "cli/command/commands.h"
#include "cli/command/completion.h"
#include "cli/command/next_steps.h"
#include "cli/converse/converse.h"
#include "cli/help.h"
#include "cli/text/shown_value.h"
#include "common/base/nearest_name.h"

#include <unistd.h>

#include <algorithm>
#include <array>

namespace patd::cli {
namespace {

constexpr std::array kCommands = {
    add_create,     add_import, add_list_tokens, add_show,   add_edit,
    add_regenerate, add_delete, add_remove_all,  add_passwd, add_verify,
    add_lock,       add_unlock, add_status,      add_audit,  add_explain,
    add_exec,       add_get,    add_expose,      add_setup,  add_list_permissions,
    add_admin,      add_doctor, add_converse,    add_help,
};

constexpr char kFooter[] =
    "Exit status:\n"
    "  0  success\n"
    "  1  failure for any other reason\n"
    "  2  the command line, or a value in it, is wrong\n"
    "  3  you have no such token; explain: a request would get no token\n"
    "  4  refused: wrong password, too many attempts, not allowed, or token not valid\n"
    "  5  an answer was needed, but there was no terminal or no answer; or there was\n"
    "     nowhere to write a new secret\n"
    "  6  the service cannot be reached\n"
    "exec exits with its command's status, or with 127 (no such command) or 126 (it\n"
    "cannot run).\n"
    "\n"
    "'patctl COMMAND --help' explains a command, 'man patctl' all of them.\n";

void declare(CLI::App& app, Session& session) {
    app.formatter(std::make_shared<Help>());
    app.set_help_flag("-h,--help", "Show this help, or that of a command");
    app.set_help_all_flag("--help-all", "Show the help of every command");
    app.set_version_flag("-V,--version", "patctl " PATD_VERSION, "Show the version");
    app.add_flag("--json", session.json, "Print JSON; errors too, on standard error");
    app.add_flag("--session", session.own_service,
                 "Use your own service on the session bus, which keeps secrets in your keyring");
    app.add_flag("--no-pager", session.no_pager,
                 "Show long answers as they are, not in $PATCTL_PAGER, $PAGER or less")
        ->trigger_on_parse();  // from CLI11 2.6 on, help comes before all other flags
    app.fallthrough();
    app.require_subcommand(1);
    for (const auto add : kCommands)
        add(app, session);
    app.get_subcommand("list")->alias("ls");
    app.get_subcommand("delete")->alias("rm");
    // Last, since a command would take it over.
    app.footer(kFooter);
}

// The command whose words were read last.
const CLI::App& reached(const CLI::App& app) {
    const std::vector<CLI::App*> parsed = app.get_subcommands();
    return parsed.empty() ? app : reached(*parsed.back());
}

std::string with_nearest(const std::string& text, const std::string& typed,
                         const std::vector<std::string>& names) {
    const std::string nearest = nearest_name(typed, names);
    return nearest.empty() ? text : text + "; did you mean " + nearest + "?";
}

std::string describe_option(const CLI::App& app, const std::string& typed) {
    std::vector<std::string> names;
    for (const CLI::App* level : {&app, &reached(app)}) {
        for (const CLI::Option* option : level->get_options()) {
            for (const std::string& name : option->get_lnames()) {
                if (!option->get_group().empty())  // an old name is not offered
                    names.push_back("--" + name);
            }
        }
    }
    return with_nearest("unknown option " + typed, typed, names);
}

std::vector<std::string> names_of_commands(const CLI::App& app) {
    std::vector<std::string> names;
    for (const CLI::App* command : app.get_subcommands([](const CLI::App*) { return true; }))
        names.push_back(command->get_name());
    return names;
}

// What stands where a command should may be anything, a password too. What is repeated is what
// could be a command.
bool is_like_a_command(const std::string& typed) {
    constexpr std::size_t kLongest = 20;
    return typed.size() <= kLongest &&
           typed.find_first_not_of("abcdefghijklmnopqrstuvwxyz-") == std::string::npos;
}

// "admin backup": without the program.
std::string name_of(const CLI::App& command) {
    if (command.get_parent() == nullptr)
        return "";
    const std::string above = name_of(*command.get_parent());
    return above.empty() ? command.get_name() : above + " " + command.get_name();
}

std::string describe_command(const CLI::App& app, const std::string& typed) {
    const std::string above = name_of(reached(app));
    const std::string name = above.empty() ? typed : above + " " + typed;
    const std::string what =
        is_like_a_command(typed) ? "there is no command '" + name + "'" : "this is not a command";
    const std::string text = with_nearest(what, typed, names_of_commands(reached(app)));
    const std::string list = above.empty() ? "patctl --help" : "patctl help " + above;
    return text + (text.ends_with('?') ? " '" : "; '") + list + "' lists all";
}

// CLI11's "--user: 1 required NAME missing".
std::string describe_mismatch(const std::string& text) {
    constexpr std::string_view kRequired = ": 1 required ";
    constexpr std::string_view kMissing = " missing";
    const std::size_t at = text.find(kRequired);
    if (at == std::string::npos || !text.ends_with(kMissing))
        return text;
    const std::size_t begin = at + kRequired.size();
    return text.substr(0, at) +
           " needs a value: " + text.substr(begin, text.size() - kMissing.size() - begin);
}

// `patctl admin`: the name of the command, and those that may follow it.
std::string describe_lack(const CLI::App& app) {
    std::string names;
    for (const std::string& name : names_of_commands(app))
        names += (names.empty() ? "" : ", ") + name;
    return "'" + app.get_name() + "' needs one of its commands: " + names;
}

// `word`, which has no quote in it, as a shell takes it: bare where it needs none.
std::string as_word(const std::string& word) {
    const bool is_plain = !word.empty() && std::all_of(word.begin(), word.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               std::string_view("-_.,:/=+@").find(c) != std::string_view::npos;
    });
    return is_plain ? word : "'" + word + "'";
}

// "audit --all" as it was typed; none when there is something that an error may not repeat.
std::optional<std::string> repeat(std::span<const char* const> words) {
    std::string text;
    for (const char* const word : words) {
        if (shown_value(word) != word ||
            std::string_view(word).find('\'') != std::string_view::npos)
            return std::nullopt;
        text += (text.empty() ? "" : " ") + as_word(word);
    }
    return text;
}

// Only here is it known which command the service keeps for root, and which view is of what is
// another's.
Error for_root(const CLI::App& app, std::span<const char* const> words, const Error& error) {
    const CLI::App& command = reached(app);
    const std::string name = name_of(command);
    const bool is_everybodys = name == "audit" && command.count("--all") > 0;
    const bool is_others =
        is_everybodys || ((name == "audit" || name == "explain") && command.count("--user") > 0);
    if (error.code != Errc::AccessDenied || !error.context.empty() ||
        !(name.starts_with("admin ") || is_others))
        return error;
    const std::string what = !is_others ? name : name + (is_everybodys ? " --all" : " --user");
    const std::optional<std::string> typed = repeat(words);
    return {error.code, what + " is for root" + (typed ? ": sudo patctl " + *typed : "")};
}

// `patctl` alone, or with no more than what holds for every command.
bool has_no_words(std::span<const char* const> arguments) {
    return std::all_of(arguments.begin() + 1, arguments.end(), [](std::string_view argument) {
        return argument == "--json" || argument == "--session" || argument == "--no-pager";
    });
}

// CLI11 repeats an unexpected argument, which may be a secret of another make. Only what is surely
// the name of an option is repeated here.
std::string describe(const CLI::App& app, const CLI::ParseError& error) {
    const std::vector<std::string> extras = app.remaining(true);
    const bool lacks = dynamic_cast<const CLI::RequiredError*>(&error) != nullptr;
    if (lacks && !extras.empty() && !extras.front().starts_with('-') &&
        reached(app).get_require_subcommand_min() > 0)
        return describe_command(app, extras.front());
    if (dynamic_cast<const CLI::ArgumentMismatch*>(&error) != nullptr)
        return describe_mismatch(error.what());
    if (!lacks && dynamic_cast<const CLI::ExtrasError*>(&error) == nullptr)
        return error.what();
    // What is lacking may be there, under a mistyped name.
    for (const std::string& extra : extras) {
        if (extra.starts_with('-'))
            return describe_option(app, extra.substr(0, extra.find('=')));
    }
    const CLI::App& command = reached(app);
    if (lacks && command.get_require_subcommand_min() > 0)
        return describe_lack(command);
    return lacks ? std::string(error.what()) + "; see 'patctl help " + name_of(command) + "'"
                 : "too many arguments; see 'patctl help " + name_of(command) + "'";
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
        printed = session.print_long(format_all_help(app, ""));
    else if (dynamic_cast<const CLI::CallForHelp*>(&error) != nullptr)
        printed = session.print_long(app.help());
    else if (dynamic_cast<const CLI::CallForVersion*>(&error) != nullptr)
        printed = session.print(std::string(error.what()) + "\n");
    else
        return session.fail_usage(describe(app, error));
    return printed ? ExitCode::Success : session.fail(printed.error());
}

// The service knows for how long, and tells it to whom it concerns.
Error with_wait(const Session& session, Error error) {
    if (error.code != Errc::Throttled || !error.context.empty())
        return error;
    Result<client::TokensClient> client = session.connect();
    const Result<client::Dictionary> status =
        client ? client->status() : Result<client::Dictionary>(client.error());
    if (status && status->has("password-wait"))
        error.context = "too many wrong passwords; next try in " +
                        std::to_string(status->count("password-wait")) + " s";
    return error;
}

}  // namespace

ExitCode run(const Environment& environment, std::span<const char* const> arguments) {
    Session session(environment);
    session.json = wants_json(arguments);
    if (holds_secret(arguments))
        return session.fail_usage(
            "the command line contains a token's secret, and every user can read it there: enter "
            "secrets at the prompt or with --secret-fd, and replace this one with 'patctl "
            "regenerate'");
    CLI::App app("Personal access tokens of this machine", "patctl");
    declare(app, session);
    if (arguments.size() > 1 && arguments[1] == kCompleteCommand)
        return complete_words(session, app, arguments.subspan(2));
    if (has_no_words(arguments)) {
        session.own_service =
            std::any_of(arguments.begin(), arguments.end(),
                        [](std::string_view argument) { return argument == "--session"; });
        const Result<ExitCode> shown = show_next_steps(session);
        return shown ? *shown : session.fail(shown.error());
    }
    try {
        app.parse(static_cast<int>(arguments.size()), arguments.data());
    } catch (const CLI::ParseError& error) {  // CLI11's only way to say no, and to say help
        return answer_parser(session, app, error);
    }
    const bool is_root = geteuid() == 0;  // --user makes it another account's
    const Result<ExitCode> result = session.action();
    return result ? *result
                  : session.fail(with_wait(
                        session, is_root ? result.error()
                                         : for_root(app, arguments.subspan(1), result.error())));
}

}  // namespace patd::cli
