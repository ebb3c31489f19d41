// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "cli/command/completion.h"

#include "cli/session/admin_password.h"
#include "cli/text/permissions_text.h"
#include "cli/tools/password_command.h"
#include "cli/tools/tool.h"
#include "common/client/tokens_client.h"

#include <algorithm>

namespace patd::cli {
namespace {

// How far the words before the last one have led.
struct Position {
    const CLI::App* command;
    const CLI::Option* option = nullptr;  // the one whose value comes next
    std::size_t positionals = 0;          // how many were given
    bool only_positionals = false;        // after `--`
    std::string user{};                   // the account that a positional named
};

bool takes_value(const CLI::Option& option) {
    return option.get_items_expected_max() > 0;
}

// Options of the commands above are valid too.
const CLI::Option* find_option(const CLI::App* command, const std::string& name) {
    for (; command != nullptr; command = command->get_parent()) {
        if (const CLI::Option* option = command->get_option_no_throw(name))
            return option;
    }
    return nullptr;
}

const CLI::App* find_command(const CLI::App& parent, const std::string& name) {
    for (const CLI::App* command : parent.get_subcommands([](const CLI::App*) { return true; })) {
        if (command->check_name(name))
            return command;
    }
    return nullptr;
}

void note_user(Position& place, const std::string& word) {
    const std::vector<const CLI::Option*> positionals = place.command->get_options(
        [](const CLI::Option* option) { return option->get_positional(); });
    if (place.positionals < positionals.size() &&
        positionals[place.positionals]->get_name(true) == "USER")
        place.user = word;
}

Position walk(const CLI::App& app, std::span<const char* const> words) {
    Position place{&app};
    for (const std::string word : words) {
        if (place.option != nullptr) {
            place.option = nullptr;
        } else if (!place.only_positionals && word == "--") {
            place.only_positionals = true;
        } else if (!place.only_positionals && word.starts_with('-')) {
            const CLI::Option* option = find_option(place.command, word);
            if (option != nullptr && takes_value(*option))
                place.option = option;
        } else if (const CLI::App* command = find_command(*place.command, word)) {
            place = Position{command};
        } else {
            note_user(place, word);
            ++place.positionals;
        }
    }
    return place;
}

// One that a shell takes as it is.
bool is_plain_word(const std::string& text) {
    constexpr std::string_view kPlain =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.+@/";
    return !text.empty() && !text.starts_with('-') &&
           text.find_first_not_of(kPlain) == std::string::npos;
}

class Candidates {
  public:
    explicit Candidates(std::string prefix) : prefix_(std::move(prefix)) {}

    void add(const std::string& word, const std::string& meaning) {
        if (word.starts_with(prefix_))
            text_ += printable(word) + "\t" + printable(meaning) + "\n";
    }
    bool has_prefix() const { return !prefix_.empty(); }
    void add_directive(const char* directive) { text_ += std::string(directive) + "\n"; }
    const std::string& text() const { return text_; }

  private:
    std::string prefix_;
    std::string text_;
};

// Of the account that a word of `admin` names, or the caller's.
Result<std::vector<client::Dictionary>> list_for(const Session& session, const Position& place) {
    client::TokensClient client = TRY(session.connect());
    if (place.user.empty())
        return client.list();
    return client.admin_list(TRY(find_account(place.user)).uid);
}

// Nobody knows an id by heart: a description is a name too, where no other has it. One with blanks
// is left out, for the word that is typed ends there.
void add_ids(const Session& session, const Position& place, Candidates& candidates) {
    const Result<std::vector<client::Dictionary>> tokens = list_for(session, place);
    if (!tokens)
        return;
    for (const client::Dictionary& token : *tokens) {
        const std::string description = token.text("description");
        candidates.add(token.text("id"), description);
        const auto same = std::count_if(tokens->begin(), tokens->end(), [&](const auto& other) {
            return other.text("description") == description;
        });
        if (same == 1 && is_plain_word(description) && candidates.has_prefix())
            candidates.add(description, token.text("id"));
    }
}

void add_exposures(const Session& session, Candidates& candidates) {
    Result<client::TokensClient> client = session.connect();
    if (!client)
        return;
    const Result<std::vector<client::Dictionary>> exposures = client->list_exposures();
    if (!exposures)
        return;
    for (const client::Dictionary& exposure : *exposures)
        candidates.add(exposure.text("id"), exposure.text("path"));
}

void add_permissions(const Session& session, Candidates& candidates) {
    Result<client::TokensClient> client = session.connect();
    if (!client)
        return;
    const Result<std::vector<client::Dictionary>> entries = client->list_permissions();
    if (!entries)
        return;
    for (const auto& [permission, meaning] : list_choices(*entries))
        candidates.add(permission, meaning);
}

// `WHEN:{always,never}`: CLI11's name for a type with a closed list of values.
void add_choices(const std::string& type, Candidates& candidates) {
    const std::size_t open = type.find('{');
    const std::size_t close = type.find('}', open);
    if (close == std::string::npos)
        return;
    std::string_view rest = std::string_view(type).substr(open + 1, close - open - 1);
    while (!rest.empty()) {
        const std::size_t comma = rest.find(',');
        candidates.add(std::string(rest.substr(0, comma)), "");
        rest.remove_prefix(comma == std::string_view::npos ? rest.size() : comma + 1);
    }
}

void add_tools(Candidates& candidates) {
    for (const tools::Tool* tool : tools::all_tools())
        candidates.add(tool->name, tool->meaning);
    for (const tools::PasswordCommand& command : tools::password_commands())
        candidates.add(command.name, "says what to add");
}

// By what the help calls the value.
void add_values(const Session& session, const Position& place, const CLI::Option& option,
                Candidates& candidates) {
    const std::string name =
        place.option == nullptr ? option.get_name(true) : option.get_type_name();
    if (name == "ID")
        add_ids(session, place, candidates);
    else if (name == "PERMISSION")
        add_permissions(session, candidates);
    else if (name == "DIR") {
        add_exposures(session, candidates);
        candidates.add_directive(":files");
    } else if (name == "FILE" || name == "KEY" || name == "COMMAND")
        candidates.add_directive(":files");
    else if (name == "TOOL")
        add_tools(candidates);
    else if (name == "USER")
        candidates.add_directive(":users");
    else
        add_choices(option.get_type_name(), candidates);
}

// Those of the command and those that hold for every command: what `setup` takes is none of git's.
void add_options(const CLI::App* command, Candidates& candidates) {
    const CLI::App* const own = command;
    for (; command != nullptr; command = command->get_parent()) {
        if (command != own && command->get_parent() != nullptr)
            continue;
        for (const CLI::Option* option : command->get_options()) {
            const bool doubled =
                command->get_parent() != nullptr &&
                (option == command->get_help_ptr() || option == command->get_help_all_ptr());
            for (const std::string& name : option->get_lnames()) {
                if (!doubled && !option->get_group().empty())
                    candidates.add("--" + name, option->get_description());
            }
        }
    }
}

void add_commands(const CLI::App& parent, Candidates& candidates) {
    for (const CLI::App* command : parent.get_subcommands([](const CLI::App*) { return true; }))
        candidates.add(command->get_name(), command->get_description());
}

void add_positional(const Session& session, const Position& place, Candidates& candidates) {
    const std::vector<const CLI::Option*> positionals = place.command->get_options(
        [](const CLI::Option* option) { return option->get_positional(); });
    if (positionals.empty())
        return;
    // The last one may take all that follows; what a command of exec takes is its own business.
    const CLI::Option& option = *positionals[std::min(place.positionals, positionals.size() - 1)];
    const bool takes_more = option.get_name(true) == "ID" && option.get_expected_max() > 1;
    if (place.positionals < positionals.size() || takes_more)
        add_values(session, place, option, candidates);
}

}  // namespace

ExitCode complete_words(const Session& session, const CLI::App& app,
                        std::span<const char* const> words) {
    const std::string last = words.empty() ? "" : words.back();
    const Position place = walk(app, words.first(words.empty() ? 0 : words.size() - 1));
    Candidates candidates(last);
    if (place.option != nullptr)
        add_values(session, place, *place.option, candidates);
    else if (last.starts_with('-') && !place.only_positionals)
        add_options(place.command, candidates);
    else {
        add_commands(*place.command, candidates);
        add_positional(session, place, candidates);
    }
    (void)session.print(candidates.text());
    return ExitCode::Success;
}

}  // namespace patd::cli
