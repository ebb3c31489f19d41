// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "cli/help.h"

#include "cli/text/wrap.h"

#include <algorithm>
#include <array>
#include <string_view>
#include <vector>

namespace patd::cli {
namespace {

constexpr std::size_t kWidth = 80;
constexpr std::size_t kIndent = 2;
constexpr std::size_t kMeaning = 24;  // where what something means begins
constexpr std::size_t kUsageIndent = 11;
constexpr char kBound = '\x1f';  // a blank at which no line ends
constexpr std::string_view kPatctl = "patctl ";

// What a command takes, as in patctl(1), and how it is used. Another line is another way.
struct Usage {
    std::string_view command;
    std::string_view takes;
    std::string_view example;
};

constexpr std::array kUsages = {
    Usage{"create",
          "DESCRIPTION -p PERMISSION... [-t URL]... [--only-unit UNIT]... [-e WHEN] [--confirm]",
          "patctl create \"laptop\" -p vcs:repository:rw -t https://git.example -e 90d"},
    Usage{"import",
          "DESCRIPTION -t URL... -u NAME [OPTION...]\n"
          "--from FILE [DESCRIPTION] [--format FORMAT] [--skip] [--dry-run] [OPTION...]",
          "patctl import \"work forge\" -t https://forge.example/team -u alice\n"
          "patctl import --from ~/.git-credentials --dry-run"},
    Usage{"list", "[-l]", "patctl list --long"},
    Usage{"show", "ID", "patctl show AbCdE01234"},
    Usage{"edit", "ID [OPTION...]", "patctl edit AbCdE01234 -e 90d"},
    Usage{"regenerate", "ID [-e WHEN]", "patctl regenerate AbCdE01234 -e 90d"},
    Usage{"delete", "ID... [--yes]", "patctl delete AbCdE01234"},
    Usage{"remove-all", "[--yes]", "patctl remove-all"},
    Usage{"passwd", "", "patctl passwd"},
    Usage{"verify", "[-p PERMISSION] [--audience ORIGIN] [--user NAME]",
          "patctl verify -p vcs:repository:ro <token-file"},
    Usage{"permissions", "[AREA]", "patctl permissions vcs"},
    Usage{"lock", "", "patctl lock"},
    Usage{"unlock", "[ID [--for DURATION]]", "patctl unlock AbCdE01234 --for 10m"},
    Usage{"status", "", "patctl status"},
    Usage{"doctor", "", "sudo patctl doctor"},
    Usage{"audit",
          "[--user USER | --all] [--token ID] [--unit UNIT] [--since WHEN] [--until WHEN] "
          "[--limit N] [-v]",
          "patctl audit --since yesterday"},
    Usage{"explain",
          "URL [--unit UNIT] [-p PERMISSION]... [-u NAME] [--user USER]\n"
          "--tool TOOL [URL] [OPTION...]",
          "patctl explain https://git.example/team/tool.git"},
    Usage{"exec",
          "[-p PERMISSION]... [-t URL] [-u NAME] [--ttl DURATION] [--through-gateway] "
          "[--env VARIABLE | --fd N] -- COMMAND [ARGUMENT...]",
          "patctl exec -p vcs:repository:ro -t https://git.example -- ./mirror"},
    Usage{"get",
          "[-p PERMISSION]... [-t URL] [-u NAME] [--ttl DURATION] [--through-gateway] [--show]",
          "patctl get -t https://git.example | some-program"},
    Usage{"expose", "[DIR --only ID... [--ttl DURATION] [--mode MODE] | --cut [DIR | EXPOSURE]]",
          "patctl expose ~/agent --only AbCdE01234 --ttl 30m"},
    Usage{"setup",
          "TOOL [NAME...] [--dry-run | --undo] [--all-hosts] [--link]\n"
          "--list",
          "patctl setup docker registry.example:5000\n"
          "patctl setup --list"},
    Usage{"converse", "", "patctl converse"},
    Usage{"setup git", "[--system] [--keep | --undo | URL]", "patctl setup git"},
    Usage{"setup gateway", "[--undo]", "patctl setup gateway"},
    Usage{"admin passwd", "USER", "sudo patctl admin passwd alice"},
    Usage{"admin list", "[--user USER] [-l]", "sudo patctl admin list --user alice"},
    Usage{"admin import", "DESCRIPTION --owner USER -t URL... -u NAME [OPTION...]",
          "sudo patctl admin import nightly --owner backup -t https://git.example -u bot"},
    Usage{"admin export-key", "FILE", "sudo patctl admin export-key recovery.txt"},
    Usage{"admin recover-key", "FILE --install [--new-store]\nFILE [--output KEY]",
          "sudo patctl admin recover-key recovery.txt --install"},
    Usage{"admin backup", "FILE|-", "sudo patctl admin backup /var/backups/patd.backup"},
    Usage{"admin restore", "FILE|- [--accept-rollback ID]... [--keep-dead]",
          "sudo patctl admin restore /var/backups/patd.backup"},
    Usage{"admin rotate-key", "[--master FILE]", "sudo patctl admin rotate-key"},
    Usage{"admin check-config", "", "patctl admin check-config"},
    Usage{"admin revoke", "USER ID... [--yes]", "sudo patctl admin revoke alice AbCdE01234"},
    Usage{"admin accept-clock", "", "sudo patctl admin accept-clock"},
    Usage{"admin accept-rollback", "[--keep-dead | --revive]", "sudo patctl admin accept-rollback"},
    Usage{"admin check-owners", "", "sudo patctl admin check-owners"},
    Usage{"admin reinstate", "USER ID", "sudo patctl admin reinstate alice AbCdE01234"},
    Usage{"help", "[COMMAND...]", "patctl help admin backup"},
};

struct Group {
    std::string_view heading;
    std::array<std::string_view, 9> commands;
};

// What is in none of them is listed after them.
constexpr std::array kGroups = {
    Group{"Tokens",
          {"create", "import", "list", "show", "edit", "regenerate", "delete", "remove-all",
           "permissions"}},
    Group{"Git and programs", {"setup", "explain", "exec", "get", "expose", "verify", "converse"}},
    Group{"Security", {"passwd", "lock", "unlock", "audit"}},
    Group{"Administration", {"status", "doctor", "admin"}},
    Group{"Help", {"help"}},
};

const Usage* find_usage(std::string_view command) {
    const auto* const row =
        std::find_if(kUsages.begin(), kUsages.end(),
                     [command](const Usage& usage) { return usage.command == command; });
    return row == kUsages.end() ? nullptr : &*row;
}

std::vector<std::string_view> lines_of(std::string_view text) {
    std::vector<std::string_view> lines;
    while (true) {
        const std::size_t end = text.find('\n');
        lines.push_back(text.substr(0, end));
        if (end == std::string_view::npos)
            return lines;
        text.remove_prefix(end + 1);
    }
}

// A term and what it means, which begins at the same column everywhere.
std::string format_entry(const std::string& term, const std::string& meaning) {
    std::string before = std::string(kIndent, ' ') + term;
    const std::size_t width = display_width(before);
    std::string text;
    if (width + kIndent > kMeaning) {
        text = before + "\n";
        before = std::string(kMeaning, ' ');
    } else {
        before.append(kMeaning - width, ' ');
    }
    for (const std::string& piece : wrap_line(meaning, kWidth - kMeaning)) {
        text.append(before).append(piece).append("\n");
        before = std::string(kMeaning, ' ');
    }
    return text;
}

// What stands in brackets stays on a line, where it is short: `[-e WHEN]`.
std::vector<std::string> wrap_usage(const std::string& text) {
    std::string bound = text;
    for (std::size_t open = bound.find('['); open != std::string::npos;
         open = bound.find('[', open + 1)) {
        const std::size_t close = std::min(bound.find(']', open), bound.size());
        if (bound.find('[', open + 1) > close)
            std::replace(bound.begin() + static_cast<std::ptrdiff_t>(open),
                         bound.begin() + static_cast<std::ptrdiff_t>(close), ' ', kBound);
    }
    std::vector<std::string> lines = wrap_line(bound, kWidth - kUsageIndent);
    for (std::string& line : lines)
        std::replace(line.begin(), line.end(), kBound, ' ');
    return lines;
}

std::string format_usage(const CLI::App& app, const std::string& name) {
    const std::string command =
        name.starts_with(kPatctl) ? name.substr(kPatctl.size()) : std::string();
    std::string takes;
    if (const Usage* usage = find_usage(command); usage != nullptr)
        takes = usage->takes;
    else if (!app.get_subcommands([](const CLI::App*) { return true; }).empty())
        takes = command.empty() ? "[--json] [--session] COMMAND [ARGUMENT...]"
                                : "COMMAND [ARGUMENT...]";
    else
        takes = "[OPTION...]";
    std::string text;
    for (const std::string_view way : lines_of(takes)) {
        std::string before = text.empty() ? "Usage: " : "       ";
        for (const std::string& piece : wrap_usage(name + " " + std::string(way))) {
            text.append(before).append(piece);
            text.erase(text.find_last_not_of(' ') + 1);
            text += "\n";
            before = std::string(kUsageIndent, ' ');
        }
    }
    return text;
}

// What an option's value is called; "" for a flag. CLI11 writes what checks the value behind it.
std::string value_of(const CLI::Option& option) {
    if (option.get_type_size() == 0 || option.get_expected_max() == 0)
        return {};
    const std::string type = option.get_type_name();
    std::string name = type.substr(0, type.find(':'));
    const std::size_t open = type.find('{');
    if (name != "TEXT" || open == std::string::npos)
        return name;
    std::string choices = type.substr(open + 1, type.find('}', open) - open - 1);
    std::replace(choices.begin(), choices.end(), ',', '|');
    return choices;
}

std::string term_of(const CLI::Option& option) {
    if (option.get_positional())
        return option.get_name(true);
    std::string term;
    for (const std::string& letter : option.get_snames())
        term += (term.empty() ? "-" : ", -") + letter;
    for (const std::string& name : option.get_lnames())
        term += (term.empty() ? "--" : ", --") + name;
    const std::string value = value_of(option);
    return value.empty() ? term : term + " " + value;
}

std::string format_options(const CLI::App& app, bool positional) {
    std::string text;
    for (const CLI::Option* option : app.get_options()) {
        const bool shown_elsewhere =
            app.get_parent() != nullptr &&
            (option == app.get_help_ptr() || option == app.get_help_all_ptr());
        if (option->get_positional() == positional && !option->get_group().empty() &&
            !shown_elsewhere)
            text += format_entry(term_of(*option), option->get_description());
    }
    if (text.empty())
        return {};
    return (positional ? "\nArguments:\n" : "\nOptions:\n") + text;
}

std::string format_command(const CLI::App& command) {
    return format_entry(command.get_name(), command.get_description());
}

std::string format_commands(const CLI::App& app) {
    std::vector<const CLI::App*> left =
        app.get_subcommands([](const CLI::App* command) { return !command->get_group().empty(); });
    std::string text;
    for (const Group& group : kGroups) {
        std::string entries;
        for (const std::string_view name : group.commands) {
            const auto found = std::find_if(left.begin(), left.end(), [name](const CLI::App* it) {
                return it->get_name() == name;
            });
            if (app.get_parent() != nullptr || found == left.end())
                continue;
            entries += format_command(**found);
            left.erase(found);
        }
        if (!entries.empty())
            text += "\n" + std::string(group.heading) + ":\n" + entries;
    }
    if (!left.empty())
        text += text.empty() ? "\nCommands:\n" : "\nOthers:\n";
    for (const CLI::App* command : left)
        text += format_command(*command);
    return text;
}

std::string format_example(const std::string& name) {
    const Usage* usage =
        name.starts_with(kPatctl) ? find_usage(name.substr(kPatctl.size())) : nullptr;
    if (usage == nullptr)
        return {};
    std::string text = "\nExample:\n";
    for (const std::string_view line : lines_of(usage->example))
        text.append(kIndent, ' ').append(line).append("\n");
    return text;
}

}  // namespace

std::string Help::make_help(const CLI::App* app, std::string name, CLI::AppFormatMode) const {
    const bool is_top = app->get_parent() == nullptr;
    std::string text = app->get_description() + "\n\n" + format_usage(*app, name);
    text += format_options(*app, true) + format_commands(*app) + format_options(*app, false);
    text += format_example(name) + "\n";
    if (is_top)
        return text + app->get_footer();
    return text + "Every command also takes --json, --session and --no-pager. More: man patctl\n";
}

}  // namespace patd::cli
