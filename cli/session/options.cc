// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "cli/session/options.h"

#include "cli/session/plain_http.h"
#include "cli/session/typed_values.h"
#include "cli/text/duration.h"
#include "cli/text/shown_value.h"
#include "common/base/parse_number.h"
#include "common/token/token.h"

#include <fcntl.h>

#include <algorithm>

namespace patd::cli {
namespace {

// CLI11's convention: an empty text means that the value is good.
std::string check_descriptor(const std::string& text) {
    const int fd = parse_number<int>(text).value_or(-1);
    if (fd < 0)
        return shown_value(text) + " is not the number of a descriptor";
    return fcntl(fd, F_GETFD) < 0 ? "descriptor " + text + " is not open" : "";
}

void add_descriptor(CLI::App& command, const std::string& name, std::optional<int>& fd,
                    const std::string& description) {
    command.add_option(name, fd, description)
        ->type_name("N")
        ->check(CLI::Validator(check_descriptor, ""));
}

// One value an option, so that a positional after it is not taken for another value.
void add_list(CLI::App& command, const std::string& name, std::vector<std::string>& values,
              const std::string& description) {
    command.add_option(name, values, description)->allow_extra_args(false);
}

}  // namespace

void add_permissions(CLI::App& command, TokenOptions& options) {
    add_list(
        command, "-p,--permission", options.permissions,
        "What the token may do: area:object:ro or area:object:rw; repeat for more, or use commas");
    command.get_option("--permission")->type_name("PERMISSION")->delimiter(',');
}

void add_targets(CLI::App& command, TokenOptions& options) {
    add_list(command, "-t,--target", options.targets,
             "Where the token may be used: https://host[:port][/path]; put bearer+ in front if the "
             "server "
             "expects a bearer token; repeat for more");
    command.get_option("--target")->type_name("URL");
    command.add_flag("--insecure-http", options.insecure_http,
                     "Take http:// targets of other machines too: the token goes there "
                     "unencrypted");
}

void add_expires(CLI::App& command, TokenOptions& options) {
    command
        .add_option("-e,--expires", options.expires,
                    "When the token expires: 90d, 12h, 2w, 1y, YYYY-MM-DD or never")
        ->type_name("WHEN");
}

void add_confirm_flag(CLI::App& command, TokenOptions& options) {
    command.add_flag_callback(
        "--confirm", [&options] { options.confirm = "always"; },
        "Release the token only while it is opened by 'patctl unlock ID'");
}

void add_kind(CLI::App& command, TokenOptions& options) {
    command
        .add_option_function<std::string>(
            "--kind",
            [&options](const std::string& name) {
                options.secret_kind = find_secret_kind(name).value_or(SecretKind::Text);
            },
            "Of which parts the secret is made: text (one), or aws (a key with its session token)")
        ->check(one_of({"text", "aws"}))
        ->type_name("KIND");
}

void add_gateway_flag(CLI::App& command, TokenOptions& options) {
    command.add_flag_callback(
        "--through-gateway", [&options] { options.through_gateway = true; },
        "Never release the secret itself: programs get short-lived tokens that only the gateway of "
        "this machine takes");
}

void add_password_fd(CLI::App& command, Session& session) {
    add_descriptor(command, "--password-fd", session.password_fd,
                   "Answer password prompts with lines from descriptor N");
}

void add_secret_fd(CLI::App& command, Session& session) {
    add_descriptor(command, "--secret-fd", session.secret_fd,
                   "Read the token's secret, one line, from descriptor N (of kind aws: all of it, "
                   "the JSON of a credential process)");
}

void add_output_fd(CLI::App& command, Session& session) {
    add_descriptor(command, "--output-fd", session.output_fd,
                   "Write the new secret, one line, to descriptor N");
}

void add_long(CLI::App& command, Session& session) {
    command.add_flag("-l,--long", session.whole,
                     "Show every column in full, with dates instead of distances");
}

CLI::Validator number_between(std::int64_t least, std::int64_t most) {
    const auto check = [least, most](const std::string& text) {
        const std::optional<std::int64_t> number = parse_number<std::int64_t>(text);
        return number && *number >= least && *number <= most
                   ? std::string()
                   : shown_value(text) + " is not a number from " + std::to_string(least) + " to " +
                         std::to_string(most);
    };
    return {check, ""};
}

CLI::Validator one_of(std::vector<std::string> names) {
    std::string list;
    for (const std::string& name : names)
        list += (list.empty() ? "" : ",") + name;
    const auto check = [names = std::move(names)](const std::string& text) {
        if (std::find(names.begin(), names.end(), text) != names.end())
            return std::string();
        std::string allowed;
        for (const std::string& name : names)
            allowed += (allowed.empty() ? "" : ", ") + name;
        return shown_value(text) + " is not one of " + allowed;
    };
    return {check, "{" + list + "}"};
}

Result<client::Dictionary> to_dictionary(const TokenOptions& options, UnixTime now) {
    client::Dictionary dictionary;
    if (options.description)
        dictionary.set("description", TRY(read_description(*options.description)));
    if (!options.permissions.empty()) {
        TRY(read_permissions(options.permissions));
        dictionary.set("permissions", options.permissions);
    }
    if (!options.targets.empty()) {
        TRY(read_targets(options.targets));
        if (!options.insecure_http)
            TRY(refuse_plain_http(options.targets));
        dictionary.set("targets", options.targets);
    }
    if (!options.only_units.empty()) {
        TRY(read_units(options.only_units));
        dictionary.set("only-units", options.only_units);
    }
    if (options.username)
        dictionary.set("username", TRY(read_username(*options.username)));
    if (options.expires) {
        const UnixTime expires = TRY(of_option("-e", parse_expiry_text(*options.expires, now)));
        dictionary.set("expires", TRY(parse_expiry(expires, now)));
    }
    if (options.confirm)
        dictionary.set("confirm", *options.confirm);
    if (options.through_gateway)
        dictionary.set("through-gateway", *options.through_gateway);
    if (options.secret_kind != SecretKind::Text)
        dictionary.set("secret-kind", std::string(secret_kind_name(options.secret_kind)));
    return dictionary;
}

Result<TokenId> parse_id(const std::string& text) {
    const std::optional<TokenId> id = TokenId::parse(text);
    if (!id)
        return Errc::NotFound;
    return *id;
}

}  // namespace patd::cli
