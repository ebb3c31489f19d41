// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "cli/import/import_file.h"

#include "cli/git/path_targets.h"
#include "cli/import/credential_file.h"
#include "cli/session/carry_out.h"
#include "cli/session/only_units.h"
#include "cli/text/json.h"
#include "common/base/limits.h"
#include "common/token/token.h"

#include <algorithm>

namespace patd::cli {
namespace {

using Dictionaries = std::vector<client::Dictionary>;

std::string name_of(const std::string& file) {
    return file == "-" ? "standard input" : file.substr(file.rfind('/') + 1);
}

// The place and the file, as much of it as a description holds.
std::string describe(const Target& target, const std::string& file) {
    const std::string place = target.url().substr(target.url().find("://") + 3);
    for (const std::string& text : {place + ", from " + name_of(file), place}) {
        if (parse_description(text))
            return text;
    }
    // A host is ASCII, so that it can be cut anywhere.
    return place.substr(0, std::min(place.find('/'), limits::kDescriptionBytes));
}

// What is shown of the tokens, and sent but for `line`.
Dictionaries to_dictionaries(const Credentials& credentials, const FileImport& import,
                             const client::Dictionary& common) {
    Dictionaries tokens;
    for (const Credential& entry : credentials.entries()) {
        client::Dictionary& token = tokens.emplace_back(common);
        if (!token.has("description"))
            token.set("description", describe(entry.target, import.file));
        token.set("targets", std::vector<std::string>{entry.target.text()});
        token.set("username", entry.username);
    }
    return tokens;
}

// Ambiguous: a token for a place and user name of the file is there.
Result<void> refuse_known(const Credentials& credentials, const Dictionaries& tokens) {
    std::map<std::pair<std::string, std::string>, std::string> known;
    for (const client::Dictionary& token : tokens) {
        for (const std::string& text : token.texts("targets")) {
            if (const Result<Target> target = Target::parse(text))
                known.emplace(std::pair(target->url(), token.text("username")), token.text("id"));
        }
    }
    std::optional<Error> first;
    std::size_t more = 0;
    for (const Credential& entry : credentials.entries()) {
        const auto found = known.find({entry.target.url(), entry.username});
        if (found == known.end())
            continue;
        if (first)
            ++more;
        else
            first = at_line(
                entry.line, Errc::Ambiguous,
                "token " + printable(found->second) + " is for this place and user name already");
    }
    if (first && more > 0)
        first->context += "; and " + std::to_string(more) + " lines more";
    return first ? *first : Result<void>();
}

// What the service would say after the password too, said before it.
Result<void> check_against(client::TokensClient& client, const Credentials& credentials) {
    const Dictionaries tokens = TRY(client.list());
    TRY(refuse_known(credentials, tokens));
    const std::size_t most = TRY(client.status()).count("tokens-max");
    if (tokens.size() + credentials.entries().size() > most)
        return Error{Errc::LimitExceeded, "you have " + std::to_string(tokens.size()) +
                                              " tokens and may have " + std::to_string(most) +
                                              "; the file holds " +
                                              std::to_string(credentials.entries().size())};
    return {};
}

Result<void> show(const Session& session, const Credentials& credentials,
                  const Dictionaries& tokens) {
    if (session.json) {
        nlohmann::json all = to_json(tokens);
        for (std::size_t i = 0; i < tokens.size(); ++i)
            all[i]["line"] = credentials.entries()[i].line;
        return session.print_json(all);
    }
    Table table({"LINE", "ID", "TARGET", "USERNAME", "DESCRIPTION"});
    for (std::size_t i = 0; i < tokens.size(); ++i) {
        const Credential& entry = credentials.entries()[i];
        const std::string id = tokens[i].text("id");
        table.add({std::to_string(entry.line), id.empty() ? "-" : printable(id),
                   printable(entry.target.text()), printable(entry.username),
                   printable(tokens[i].text("description"))});
    }
    return session.print(table.format(session.header_style()));
}

std::string in_shell(const std::string& path) {
    std::string quoted = "'";
    for (const char byte : path)
        quoted += byte == '\'' ? std::string("'\\''") : std::string(1, byte);
    return quoted + "'";
}

// patctl does not remove it: it may hold more than secrets, and somebody may still read it.
std::string tell_of_file(const FileImport& import, FileFormat format) {
    const bool named = import.file != "-";
    std::string text =
        (named ? printable(import.file) : std::string("The file that it came from")) +
        " still holds these secrets in plain text. ";
    if (format == FileFormat::Git)
        text += "Let git ask patd: 'patctl setup git'; then remove the file";
    else
        text += "Remove these machines from it, or the file";
    if (named)
        text += ": rm -- " + printable(in_shell(import.file));
    return text + (named ? "\n" : ".\n");
}

Result<void> keep(const Session& session, client::TokensClient& client,
                  const Credentials& credentials, Dictionaries& tokens) {
    const client::Dictionary result =
        TRY(carry_out(session, TRY(client.begin_import_many(tokens)), &credentials.secrets()));
    const std::vector<std::string> ids = result.texts("ids");
    if (ids.size() != tokens.size())
        return Error{Errc::Internal, "the service kept another number of tokens"};
    for (std::size_t i = 0; i < ids.size(); ++i)
        tokens[i].set("id", ids[i]);
    return {};
}

Result<void> tell(const Session& session, const FileImport& import, FileFormat format,
                  const Credentials& credentials) {
    if (session.json)
        return {};
    const std::string count = std::to_string(credentials.entries().size());
    if (import.dry_run)
        return session.print(count + " tokens would be kept; nothing was changed.\n");
    TRY(session.print(count + " tokens are kept.\n" + tell_of_file(import, format)));
    std::vector<std::string> targets;
    for (const Credential& entry : credentials.entries())
        targets.push_back(entry.target.text());
    warn_of_paths(session, targets);
    return {};
}

Result<FileFormat> format_of(const FileImport& import, std::string_view text) {
    if (!import.format)
        return guess_format(text);
    return *import.format == "git" ? FileFormat::Git : FileFormat::Netrc;
}

}  // namespace

Result<ExitCode> import_file(const Session& session, const FileImport& import) {
    const client::Dictionary common = TRY(to_dictionary(import.token, session.now()));
    TRY(check_needs(session, {.password = !import.dry_run}));
    const SecretBuffer file = TRY(read_credential_file(import.file, session.environment().input));
    const std::string_view text(file.expose().data(), file.size());
    const FileFormat format = TRY(format_of(import, text));
    const Credentials credentials = TRY(parse_credentials(text, format));
    warn_of_unknown_units(session, import.token.only_units);
    client::TokensClient client = TRY(session.connect());
    TRY(check_against(client, credentials));
    Dictionaries tokens = to_dictionaries(credentials, import, common);
    if (!import.dry_run)
        TRY(keep(session, client, credentials, tokens));
    TRY(show(session, credentials, tokens));
    TRY(tell(session, import, format, credentials));
    return ExitCode::Success;
}

}  // namespace patd::cli
