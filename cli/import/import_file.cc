// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "cli/import/import_file.h"

#include "cli/git/git_fix.h"
#include "cli/git/git_gateway.h"
#include "cli/git/git_gets.h"
#include "cli/git/git_setup.h"
#include "cli/git/path_targets.h"
#include "cli/import/credential_file.h"
#include "cli/import/import_ending.h"
#include "cli/import/import_report.h"
#include "cli/session/carry_out.h"
#include "cli/session/only_units.h"
#include "cli/session/plain_http.h"
#include "cli/text/counted.h"
#include "cli/text/table.h"
#include "cli/text/wrap.h"
#include "common/base/limits.h"
#include "common/token/token.h"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <set>

namespace patd::cli {
namespace {

using Dictionaries = std::vector<client::Dictionary>;
using Texts = std::vector<std::string>;

constexpr char kKeptLater[] = "kept-later";
constexpr std::size_t kPlacesAsked = 16;  // that git is asked about after an import

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
        if (entry.kind != SecretKind::Text)
            token.set("secret-kind", std::string(secret_kind_name(entry.kind)));
    }
    return tokens;
}

// Takes what is kept already out of `credentials`.
std::vector<KnownLine> take_known(Credentials& credentials, const Dictionaries& tokens) {
    std::map<std::pair<std::string, std::string>, std::string> ids;
    for (const client::Dictionary& token : tokens) {
        // What git stored, or what is good no more, is not in the way.
        const std::string state = token.text("state");
        if (state == "rejected" || state == "expired" || token.text("provenance") == "git-store")
            continue;
        for (const std::string& text : token.texts("targets")) {
            if (const Result<Target> target = Target::parse(text))
                ids.emplace(std::pair(target->url(), token.text("username")), token.text("id"));
        }
    }
    std::vector<KnownLine> known;
    credentials.remove_if([&](const Credential& entry) {
        const auto found = ids.find({entry.target.url(), entry.username});
        if (found != ids.end())
            known.push_back({entry.line, found->second});
        return found != ids.end();
    });
    return known;
}

// What the service would say after the password too, said before it.
Result<void> check_room(client::TokensClient& client, std::size_t there, std::size_t more) {
    const std::size_t most = TRY(client.status()).count("tokens-max");
    if (there + more > most)
        return Error{Errc::LimitExceeded, "you have " + counted(there, "token") + " and may have " +
                                              std::to_string(most) + "; the file holds " +
                                              std::to_string(more)};
    return {};
}

Result<void> put_ids(Dictionaries& tokens, const client::Dictionary& result) {
    const std::vector<std::string> ids = result.texts("ids");
    if (ids.size() != tokens.size())
        return Error{Errc::Internal, "the service kept a different number of tokens"};
    for (std::size_t i = 0; i < ids.size(); ++i)
        tokens[i].set("id", ids[i]);
    if (result.flag(kKeptLater))
        for (client::Dictionary& token : tokens)
            token.set(kKeptLater, true);
    return {};
}

Result<void> keep(const Session& session, client::TokensClient& client,
                  const Credentials& credentials, Dictionaries& tokens) {
    const client::Dictionary result =
        TRY(carry_out(session, TRY(client.begin_import_many(tokens)), &credentials.secrets()));
    return put_ids(tokens, result);
}

// One each, so that each is told of its own place.
std::vector<GitGets> look_before(const Session& session, client::TokensClient& client,
                                 const Dictionaries& tokens) {
    std::vector<GitGets> before;
    for (std::size_t i = 0; i < tokens.size() && i < kPlacesAsked; ++i)
        before.emplace_back(session, client, tokens[i].texts("targets"));
    return before;
}

// Whoever sits at the terminal is asked, others are told: the commands that are left to be run.
// Places that git asks others for are given away one by one, and never unasked.
Result<Texts> offer_setup(const Session& session, const Texts& places, const Dictionaries& tokens) {
    Texts fixes = fixes_not_asked(places);
    if (std::find(fixes.begin(), fixes.end(), kSetup) == fixes.end() || session.password_fd)
        return fixes;
    Terminal terminal(session.environment().open_terminal());
    if (!terminal)
        return fixes;
    const Result<SecretBuffer> answer =
        terminal.ask("Let git ask patd now (patctl setup git)? [Y/n] ", Echo::On);
    if (!answer)
        return fixes;
    const std::string_view typed(answer->reveal().data(), answer->size());
    if (!typed.empty() && typed != "y" && typed != "Y" && typed != "yes")
        return fixes;
    TRY(set_up_git(session, {.tokens = tokens}));
    return fixes_not_asked(places);
}

struct ReadFile {
    FileFormat format;
    Credentials credentials;
};

// The gateway that the tokens are to go through; "": they do not. NoGateway.
Result<std::string> gateway_of(client::TokensClient& client, const FileImport& import) {
    if (!import.token.through_gateway.value_or(false))
        return std::string();
    std::string gateway = TRY(client.status()).text("gateway");
    if (gateway.empty())
        return Errc::NoGateway;
    return gateway;
}

std::set<std::string> forges_of(const Credentials& credentials) {
    std::set<std::string> forges;
    for (const Credential& entry : credentials.entries())
        forges.insert(entry.target.origin().text());
    return forges;
}

// What is kept already stays as it is, which may not be what was asked for.
void tell_of_released(const Session& session, const std::vector<KnownLine>& known,
                      const Dictionaries& tokens) {
    for (const KnownLine& line : known) {
        const bool is_released =
            std::any_of(tokens.begin(), tokens.end(), [&](const client::Dictionary& token) {
                return token.text("id") == line.id && !token.flag("through-gateway");
            });
        if (is_released)
            session.warn("note: line " + std::to_string(line.line) +
                         " is a token already, which does not go through the gateway:" +
                         own_line("patctl edit " + printable(line.id) + " --through-gateway on"));
    }
}

struct Imported {
    const FileImport& import;
    const ReadFile& read;
    const std::vector<KnownLine>& known;
    const Dictionaries& tokens;
    const std::string& gateway;  // as gateway_of
};

Result<void> tell(const Session& session, const Imported& imported) {
    const auto& [import, read, known, tokens, gateway] = imported;
    const Credentials& credentials = read.credentials;
    TRY(session.print(summarize_import(import.dry_run, credentials.entries().size(), known)));
    if (!gateway.empty())
        tell_of_released(session, known, tokens);
    if (import.dry_run)
        return {};
    Texts targets;
    Texts places;
    for (const Credential& entry : credentials.entries()) {
        targets.push_back(entry.target.text());
        if (places.size() < kPlacesAsked)
            places.push_back(entry.target.url());
    }
    Ending ending{.file = import.file, .format = read.format};
    ending.kept_later =
        std::any_of(tokens.begin(), tokens.end(),
                    [](const client::Dictionary& one) { return one.flag(kKeptLater); });
    ending.through_gateway = !gateway.empty();
    if (is_credentials_alone(read.format)) {
        ending.fixes = TRY(offer_setup(session, places, tokens));
        ending.needs_way = ending.through_gateway && needs_way(gateway, forges_of(credentials));
    }
    TRY(session.print(tell_of_file(ending, credentials, known)));
    if (is_credentials_alone(read.format) && !ending.through_gateway)
        warn_of_paths(session, targets);
    return {};
}

Result<FileFormat> format_of(const FileImport& import, std::string_view text) {
    if (import.format)
        return find_format(*import.format).value_or(FileFormat::Git);
    return guess_format(text);
}

// cargo says in another file where its registries are; without it there are none.
SecretBuffer read_beside(const FileImport& import, FileFormat format) {
    if (format != FileFormat::Cargo)
        return {};
    const std::size_t slash = import.file.rfind('/');
    std::string folder = slash == std::string::npos ? "." : import.file.substr(0, slash);
    if (const char* home = secure_getenv("HOME"); import.file == "-" && home != nullptr)
        folder = std::string(home) + "/.cargo";
    if (const char* cargo = secure_getenv("CARGO_HOME"); import.file == "-" && cargo != nullptr)
        folder = cargo;
    for (const char* name : {"/config.toml", "/config"}) {
        std::error_code failed;
        if (!std::filesystem::is_regular_file(folder + name, failed))
            continue;
        if (Result<SecretBuffer> file = read_credential_file(folder + name, -1))
            return std::move(*file);
    }
    return {};
}

// Makes faults of the lines whose secrets would go over the network as they are.
void refuse_plain_lines(Credentials& credentials) {
    credentials.remove_if([&](const Credential& entry) {
        if (!is_plain_http(entry.target))
            return false;
        credentials.fault(entry.line, Errc::InvalidTarget,
                          "http sends the secret unencrypted, for everybody on the way to read; to "
                          "take it all the same, add --insecure-http");
        return true;
    });
    credentials.sort_remarks();
}

// Makes faults of the lines whose secrets cannot go through the gateway.
void refuse_unfit_lines(Credentials& credentials) {
    credentials.remove_if([&](const Credential& entry) {
        const bool is_whole = entry.kind == SecretKind::Text;
        if (is_whole && entry.target.origin().protocol() == "https")
            return false;
        credentials.fault(entry.line, Errc::UnfitForGateway,
                          is_whole ? "only https places are reached through the gateway"
                                   : "a key of several parts cannot go through the gateway");
        return true;
    });
    credentials.sort_remarks();
}

Result<ReadFile> read_credentials(const Session& session, const FileImport& import) {
    const SecretBuffer file =
        TRY(import.only_regular ? read_regular_credential_file(import.file)
                                : read_credential_file(import.file, session.environment().input));
    const std::string_view text(file.reveal().data(), file.size());
    const FileFormat format = TRY(format_of(import, text));
    const SecretBuffer other = read_beside(import, format);
    const std::string_view beside(other.reveal().data(), other.size());
    Credentials credentials = TRY(parse_credentials(text, format, beside));
    if (import.token.through_gateway.value_or(false))
        refuse_unfit_lines(credentials);
    if (!import.token.insecure_http)
        refuse_plain_lines(credentials);
    return ReadFile{format, std::move(credentials)};
}

}  // namespace

Result<FileTokens> read_file_tokens(const Session& session, client::TokensClient& client,
                                    const FileImport& import, const client::Dictionary& common) {
    ReadFile read = TRY(read_credentials(session, import));
    Credentials& credentials = read.credentials;
    const std::vector<Remark>& faults = credentials.faults();
    if (!faults.empty() && !import.skip)
        return Error{faults.front().code,
                     in_one_line(faults) + counted(faults.size(), "line") + " cannot be imported"};
    if (credentials.entries().empty())
        return Error{Errc::MalformedRequest, "the file holds no secret that can be imported"};
    const Dictionaries there = TRY(client.list());
    std::vector<KnownLine> known = take_known(credentials, there);
    TRY(check_room(client, there.size(), credentials.entries().size()));
    TRY(gateway_of(client, import));
    Dictionaries tokens = to_dictionaries(credentials, import, common);
    return FileTokens{std::move(read.credentials), std::move(tokens), std::move(known)};
}

Result<void> note_ids(FileTokens& file, const client::Dictionary& result) {
    return put_ids(file.tokens, result);
}

nlohmann::json rows_of(const FileTokens& file) {
    return rows_of_file(file.credentials, file.tokens, file.known);
}

Result<ExitCode> import_file(const Session& session, const FileImport& import) {
    if (import.token.through_gateway.value_or(false) && import.token.permissions.empty())
        return session.fail_usage("--through-gateway needs -p, which says what programs may do");
    const client::Dictionary common = TRY(to_dictionary(import.token, session.now()));
    Result<ReadFile> read = read_credentials(session, import);
    // The file's fault, and not of what is sent to the service.
    if (!read)
        return session.fail(errc_name(read.error().code), read.error().context,
                            exit_code_of(read.error().code));
    Credentials& credentials = read->credentials;
    if (!credentials.faults().empty() && !import.skip)
        return refuse_file(session, credentials);
    if (credentials.entries().empty()) {
        say_before_import(session, credentials, {}, read->format);
        return session.fail(errc_name(Errc::MalformedRequest),
                            "the file holds no secret that can be imported", ExitCode::Usage);
    }
    warn_of_unknown_units(session, import.token.only_units);
    client::TokensClient client = TRY(session.connect());
    const Dictionaries there = TRY(client.list());
    const std::vector<KnownLine> known = take_known(credentials, there);
    TRY(check_room(client, there.size(), credentials.entries().size()));
    const std::string gateway = TRY(gateway_of(client, import));
    say_before_import(session, credentials, there, read->format);
    Dictionaries tokens = to_dictionaries(credentials, import, common);
    std::vector<GitGets> before;
    if (!import.dry_run && !tokens.empty()) {
        TRY(check_needs(session, {.password = true}));
        before = look_before(session, client, tokens);
        TRY(keep(session, client, credentials, tokens));
    }
    if (session.json) {
        TRY(session.print_json(rows_of_file(credentials, tokens, known)));
        return ExitCode::Success;
    }
    TRY(show_tokens(session, credentials, tokens));
    for (std::size_t i = 0; i < before.size(); ++i)
        before[i].tell_change(session, client, TRY(parse_id(tokens[i].text("id"))), Ties::AreTold);
    tokens.insert(tokens.end(), there.begin(), there.end());
    TRY(tell(session, {import, *read, known, tokens, gateway}));
    return ExitCode::Success;
}

}  // namespace patd::cli
