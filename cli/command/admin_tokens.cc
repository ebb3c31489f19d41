// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "cli/command/admin_commands.h"
#include "cli/command/refused_request.h"
#include "cli/command/token_name.h"
#include "cli/command/token_text.h"
#include "cli/import/aws_key.h"
#include "cli/session/admin_password.h"
#include "cli/session/carry_out.h"
#include "cli/session/confirm.h"
#include "cli/session/only_units.h"
#include "cli/text/counted.h"
#include "cli/text/json.h"

#include <algorithm>
#include <memory>

namespace patd::cli {
namespace {

struct AdminOptions {
    std::string user;
    std::vector<std::string> names;
    bool yes = false;
};

using Tokens = std::vector<client::Dictionary>;

// Owner by owner, so that no answer of the service grows with the number of users.
Result<Tokens> list_all(client::TokensClient& client) {
    Tokens all;
    std::optional<std::uint32_t> last;
    for (const client::Dictionary& owner : TRY(client.admin_list_owners())) {
        const std::uint32_t uid = owner.count("uid");
        if (last == uid)
            continue;  // a uid that was given to another account: its tokens came together
        last = uid;
        for (client::Dictionary& token : TRY(client.admin_list(Uid(uid))))
            all.push_back(std::move(token));
    }
    return all;
}

Result<ExitCode> list_tokens(const Session& session, const AdminOptions& options) {
    std::optional<Account> account;
    if (!options.user.empty())
        account = TRY(find_account(options.user));
    client::TokensClient client = TRY(session.connect());
    const Tokens tokens = account ? TRY(client.admin_list(account->uid)) : TRY(list_all(client));
    if (session.json)
        TRY(session.print_json(to_json(tokens)));
    else if (tokens.empty())
        TRY(session.print((account ? printable(account->name) + " has" : "There are") +
                          std::string(" no tokens.\n")));
    else
        TRY(session.print_long(format_owned(tokens, session.now(), session.style())));
    return ExitCode::Success;
}

// Each once.
Result<Tokens> find_owned(client::TokensClient& client, const Account& account,
                          const std::vector<std::string>& names) {
    const Tokens all = TRY(client.admin_list(account.uid));
    Tokens tokens;
    for (const std::string& name : names) {
        client::Dictionary token = TRY(find_named(all, name));
        if (std::find(tokens.begin(), tokens.end(), token) == tokens.end())
            tokens.push_back(std::move(token));
    }
    return tokens;
}

Result<ExitCode> revoke(const Session& session, const AdminOptions& options) {
    const Account account = TRY(find_account(options.user));
    client::TokensClient client = TRY(session.connect());
    const Tokens tokens = TRY(find_owned(client, account, options.names));
    TRY(confirm(session, options.yes,
                format_deletion(tokens, session.now(), printable(account.name))));
    nlohmann::json ids = nlohmann::json::array();
    std::string sentences;
    Result<void> done;
    for (const client::Dictionary& token : tokens) {
        done = client.admin_revoke(account.uid, TRY(id_of(token)));
        if (!done)
            break;
        ids.push_back({{"id", token.text("id")}});
        sentences += (sentences.empty() ? "" : "\n") + ("Token " + call_token(token)) + " of " +
                     printable(account.name) + " is deleted.";
    }
    if (!ids.empty())
        // What was asked for decides the form, not how far it came.
        TRY(session.report(options.names.size() == 1 ? ids.front() : ids, sentences));
    if (!done)
        return done.error();
    return ExitCode::Success;
}

Result<ExitCode> reinstate(const Session& session, const AdminOptions& options) {
    const Account account = TRY(find_account(options.user));
    client::TokensClient client = TRY(session.connect());
    const client::Dictionary token = TRY(find_owned(client, account, options.names)).front();
    TRY(client.admin_reinstate(account.uid, TRY(id_of(token))));
    TRY(session.report({{"id", token.text("id")}}, "Token " + call_token(token) + " belongs to " +
                                                       printable(account.name) + "."));
    return ExitCode::Success;
}

Result<ExitCode> check_owners(const Session& session) {
    client::TokensClient client = TRY(session.connect());
    const std::uint32_t quarantined = TRY(client.admin_check_owners());
    TRY(session.report({{"quarantined", quarantined}},
                       quarantined == 0
                           ? "No token had to be quarantined."
                           : counted_are(quarantined, "more token") + " quarantined."));
    return ExitCode::Success;
}

Result<ExitCode> import_for(const Session& session, const std::string& owner,
                            const TokenOptions& options) {
    client::Dictionary sent = TRY(to_dictionary(options, session.now()));
    sent.erase("description");
    TRY(find_account(owner));
    TRY(check_needs(session, {.token_secret = true}));
    warn_of_unknown_units(session, options.only_units);
    client::TokensClient client = TRY(session.connect());
    const std::optional<SecretBuffer> parts = TRY(take_parts(session, options.secret_kind, sent));
    Result<client::Operation> begun = client.begin_admin_import(owner, *options.description, sent);
    if (!begun)
        return with_cause(client, options.permissions, begun.error());
    const client::Dictionary result =
        TRY(carry_out(session, std::move(*begun), parts ? &*parts : nullptr));
    TRY(session.report(to_json(result), "Token " + printable(result.text("id")) + " of " +
                                            printable(owner) + " is imported."));
    return ExitCode::Success;
}

void add_list(CLI::App& admin, Session& session) {
    const auto options = std::make_shared<AdminOptions>();
    CLI::App& command = *admin.add_subcommand("list", "List the tokens of every user");
    command.add_option("--user", options->user, "Only this user's tokens")->type_name("USER");
    add_long(command, session);
    command.callback([&session, options] {
        session.action = [&session, options] { return list_tokens(session, *options); };
    });
}

struct TokenVerb {
    const char* name;
    const char* description;
    Result<ExitCode> (*run)(const Session&, const AdminOptions&);
    bool deletes = false;
};
constexpr TokenVerb kRevoke = {"revoke", "Delete tokens of a user", revoke, true};
constexpr TokenVerb kReinstate = {"reinstate", "Give a quarantined token back to its account",
                                  reinstate};

void add_token_verb(CLI::App& admin, Session& session, const TokenVerb& verb) {
    const auto options = std::make_shared<AdminOptions>();
    CLI::App& command = *admin.add_subcommand(verb.name, verb.description);
    command.add_option("USER", options->user, "The account")->required();
    CLI::Option* names = command.add_option("ID", options->names, kTokenName)->required();
    if (verb.deletes)
        add_yes(command, options->yes);
    else
        names->expected(1);
    command.callback([&session, options, run = verb.run] {
        session.action = [&session, options, run] { return run(session, *options); };
    });
}

void add_check_owners(CLI::App& admin, Session& session) {
    admin.add_subcommand("check-owners", "Quarantine the tokens of accounts that are gone")
        ->callback([&session] { session.action = [&session] { return check_owners(session); }; });
}

void add_import_for(CLI::App& admin, Session& session) {
    const auto options = std::make_shared<TokenOptions>();
    const auto owner = std::make_shared<std::string>();
    CLI::App& command =
        *admin.add_subcommand("import", "Give an account a token that another service made");
    command.add_option("DESCRIPTION", options->description, "What the token is for")->required();
    command.add_option("--owner", *owner, "The account that gets the token")
        ->required()
        ->type_name("USER");
    add_targets(command, *options);
    command.get_option("--target")->required();
    command.add_option("-u,--username", options->username, "The account name at that service")
        ->type_name("NAME");
    add_kind(command, *options);
    add_permissions(command, *options);
    add_only_units(command, *options);
    add_expires(command, *options);
    add_gateway_flag(command, *options);
    add_secret_fd(command, session);
    command.callback([&session, options, owner] {
        if (!options->username && options->secret_kind == SecretKind::Text)
            throw CLI::RequiredError("--username");
        session.action = [&session, options, owner] {
            return import_for(session, *owner, *options);
        };
    });
}

}  // namespace

void add_admin_tokens(CLI::App& admin, Session& session) {
    add_list(admin, session);
    add_token_verb(admin, session, kRevoke);
    add_token_verb(admin, session, kReinstate);
    add_check_owners(admin, session);
    add_import_for(admin, session);
}

}  // namespace patd::cli
