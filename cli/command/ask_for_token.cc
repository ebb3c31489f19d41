// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "cli/command/ask_for_token.h"

#include "cli/git/git_config.h"
#include "cli/io/terminal.h"
#include "cli/session/plain_http.h"
#include "cli/session/typed_values.h"
#include "cli/session/wrapped.h"
#include "cli/text/duration.h"
#include "cli/text/permissions_text.h"
#include "cli/text/shown_value.h"
#include "cli/text/wrap.h"
#include "common/base/nearest_name.h"
#include "common/base/parse_number.h"

#include <algorithm>

namespace patd::cli {
namespace {

using Choices = std::vector<std::pair<std::string, std::string>>;

constexpr std::size_t kShownMatches = 12;
constexpr std::int64_t kUsualLifetime = 90LL * 24 * 3600;

std::vector<std::string> words_of(const std::string& text) {
    constexpr char kBetween[] = " ,\t";
    std::vector<std::string> words;
    for (std::size_t begin = text.find_first_not_of(kBetween); begin != std::string::npos;) {
        const std::size_t end = std::min(text.find_first_of(kBetween, begin), text.size());
        words.push_back(text.substr(begin, end - begin));
        begin = text.find_first_not_of(kBetween, end);
    }
    return words;
}

std::string to_lower(std::string text) {
    for (char& c : text)
        c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    return text;
}

// One conversation on the terminal.
class Interview {
  public:
    Interview(const Session& session, client::TokensClient& client, TokenOptions given)
        : session_(session),
          client_(client),
          terminal_(session.environment().open_terminal()),
          options_(std::move(given)) {}

    Result<TokenOptions> go() {
        if (!options_.description)
            options_.description = TRY(ask_description());
        if (options_.permissions.empty())
            options_.permissions = TRY(ask_permissions());
        if (options_.targets.empty())
            options_.targets = TRY(ask_targets());
        if (!options_.expires)
            options_.expires = TRY(ask_expiry());
        TRY(show("The same without questions:" + own_line(create_command(options_))));
        return std::move(options_);
    }

  private:
    Result<void> show(const std::string& text) {
        return terminal_.show(wrapped_for(terminal_, text));
    }

    Result<std::string> ask(const std::string& prompt) {
        const SecretBuffer line = TRY(terminal_.ask(wrapped_for(terminal_, prompt), Echo::On));
        const std::string text(line.reveal().data(), line.size());
        const std::size_t begin = text.find_first_not_of(" \t");
        if (begin == std::string::npos)
            return std::string();
        return text.substr(begin, text.find_last_not_of(" \t") - begin + 1);
    }

    Result<std::string> ask_description() {
        while (true) {
            const std::string text = TRY(ask("What is the token for? "));
            Result<std::string> description = read_description(text);
            if (description)
                return description;
            TRY(show(description.error().context));
        }
    }

    Result<std::vector<std::string>> ask_permissions() {
        choices_ = list_choices(TRY(client_.list_permissions()));
        TRY(show(
            "What may it do? Type a word to search for ('?' shows all), the number of a line, or "
            "a permission. Enter ends the list."));
        while (true) {
            const std::string text = TRY(ask("Permission: "));
            if (text.empty() && !chosen_.empty())
                return chosen_;
            TRY(text.empty() ? show("A token needs at least one permission.")
                             : take_permission(text));
        }
    }

    Result<void> take_permission(const std::string& text) {
        if (text == "?")
            return show_matches("", choices_.size());
        const auto number = parse_number<std::size_t>(text);
        if (number && *number >= 1 && *number <= matches_.size())
            return choose(matches_[*number - 1]);
        const std::vector<std::string> words = words_of(text);
        for (const std::string& word : words) {
            const auto named = std::find_if(choices_.begin(), choices_.end(),
                                            [&](const auto& one) { return one.first == word; });
            if (named == choices_.end())
                return show_matches(text, kShownMatches);
        }
        for (const std::string& word : words)
            TRY(choose(word));
        return {};
    }

    Result<void> choose(const std::string& permission) {
        if (std::find(chosen_.begin(), chosen_.end(), permission) == chosen_.end())
            chosen_.push_back(permission);
        std::string all;
        for (const std::string& one : chosen_)
            all += (all.empty() ? "" : ", ") + printable(one);
        return show("Chosen: " + all);
    }

    Result<void> show_matches(const std::string& wanted, std::size_t most) {
        matches_.clear();
        const std::string lower = to_lower(wanted);
        std::size_t left_out = 0;
        Fields lines;
        for (const auto& [name, sentence] : choices_) {
            if (name.find(lower) == std::string::npos &&
                to_lower(sentence).find(lower) == std::string::npos)
                continue;
            if (matches_.size() == most) {
                ++left_out;
                continue;
            }
            matches_.push_back(name);
            lines.add(std::to_string(matches_.size()) + ") " + printable(name),
                      printable(sentence));
        }
        if (matches_.empty())
            return show(nothing_like(wanted));
        const std::optional<ScreenSize> size = terminal_.size();
        std::string text = lines.format(size ? Style{.width = size->columns} : Style{});
        if (left_out > 0)
            text += "and " + std::to_string(left_out) + " more; type more of the word\n";
        text.pop_back();
        return session_.no_pager ? show(text) : terminal_.show_long(text);
    }

    std::string nothing_like(const std::string& wanted) const {
        std::vector<std::string> names;
        for (const auto& [name, sentence] : choices_)
            names.push_back(name);
        const std::string nearest = nearest_name(wanted, names);
        return "Nothing here is like " + shown_value(wanted) +
               (nearest.empty() ? "; '?' shows all." : "; did you mean " + nearest + "?");
    }

    Result<std::vector<std::string>> ask_targets() {
        while (true) {
            const std::vector<std::string> urls = words_of(
                TRY(ask("Where is it used? A URL such as https://git.example/team; Enter for "
                        "nowhere (then git never gets it): ")));
            TokenOptions trial;
            trial.targets = urls;
            const Result<client::Dictionary> sent = to_dictionary(trial, session_.now());
            if (sent)
                return urls;
            TRY(show(plain_http_targets(urls).empty()
                         ? sent.error().context
                         : plain_http_targets(urls).front() +
                               ": write https://; http sends the token unencrypted"));
        }
    }

    Result<std::string> ask_expiry() {
        const std::int64_t longest = TRY(client_.status()).time("token-lifetime-max");
        const std::string usual =
            format_duration(longest == 0 ? kUsualLifetime : std::min(longest, kUsualLifetime));
        const std::string at_most =
            longest == 0 ? ", or never" : "; at most " + format_duration(longest);
        while (true) {
            std::string text = TRY(
                ask("When does it expire? 30d, 1y or 2030-12-31" + at_most + " [" + usual + "]: "));
            if (text.empty())
                text = usual;
            const Result<UnixTime> expires = parse_expiry_text(text, session_.now());
            const bool is_short =
                expires &&
                (longest == 0 || (*expires != 0 && *expires <= session_.now() + longest));
            if (is_short)
                return text;
            TRY(show(expires ? shown_value(text) + ": at most " + format_duration(longest)
                             : expires.error().context));
        }
    }

    const Session& session_;
    client::TokensClient& client_;
    Terminal terminal_;
    TokenOptions options_;
    Choices choices_;
    std::vector<std::string> matches_;  // of the last search, by their numbers
    std::vector<std::string> chosen_;
};

}  // namespace

std::string create_command(const TokenOptions& options) {
    std::string permissions;
    for (const std::string& permission : options.permissions)
        permissions += (permissions.empty() ? "" : ",") + permission;
    std::string command =
        "patctl create " + quote_for_shell(options.description.value_or("")) + " -p " + permissions;
    for (const std::string& target : options.targets)
        command += " -t " + quote_for_shell(target);
    for (const std::string& unit : options.only_units)
        command += " --only-unit " + quote_for_shell(unit);
    command += " -e " + quote_for_shell(options.expires.value_or("never"));
    return command + (options.confirm ? " --confirm" : "");
}

Result<TokenOptions> ask_for_token(const Session& session, client::TokensClient& client,
                                   const TokenOptions& given) {
    return Interview(session, client, given).go();
}

}  // namespace patd::cli
