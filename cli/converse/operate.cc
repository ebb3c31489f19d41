// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "cli/converse/operate.h"

#include "cli/command/next_steps.h"
#include "cli/command/refused_request.h"
#include "cli/converse/arguments.h"
#include "cli/converse/operations.h"
#include "cli/import/import_file.h"
#include "cli/session/admin_password.h"
#include "cli/session/options.h"
#include "cli/session/typed_values.h"
#include "cli/text/json.h"
#include "common/base/limits.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdlib>

namespace patd::cli {
namespace {

std::string field_of_file_fault(Errc why) {
    if (why == Errc::NoGateway)
        return "through_gateway";
    return errc_kind(why) == ErrcKind::Unreachable ? "" : "file";
}

using Cancelling = Conversation::Cancelling;

// One conversation's operation, from begin on.
class Operating {
  public:
    Operating(const Session& session, Conversation& conversation, const Begin& begin)
        : session_(session),
          conversation_(conversation),
          begin_(begin),
          arguments_(begin.arguments) {}

    Result<void> create();
    Result<void> import();
    Result<void> import_from_file();
    Result<void> import_for();
    Result<void> edit();
    Result<void> regenerate();
    Result<void> delete_each();
    Result<void> remove_all();
    Result<void> lock();
    Result<void> unlock();
    Result<void> set_password();
    Result<void> verify();
    Result<void> set_password_of_user();
    Result<void> revoke();
    Result<void> reinstate();

  private:
    // What begin says of a token; its faults end the conversation.
    Result<client::Dictionary> token_options();
    Result<TokenId> id();
    Result<Account> account(const std::string& name, const char* field);
    // What the service did not begin, with the argument that it is about.
    Error refused(client::TokensClient& client, const Error& error);
    Result<void> carry_out(client::TokensClient& client, Result<client::Operation> begun);
    Error fail(Fault fault) {
        conversation_.faults.push_back(std::move(fault));
        return conversation_.faults.front().error;
    }
    void put(const client::Dictionary& committed) {
        conversation_.result.update(nlohmann::ordered_json(to_json(committed)));
    }

    const Session& session_;
    Conversation& conversation_;
    const Begin& begin_;
    const Arguments& arguments_;
};

Result<client::Dictionary> Operating::token_options() {
    client::Dictionary options = to_dictionary(arguments_, session_.now(), conversation_.faults);
    if (!conversation_.faults.empty())
        return conversation_.faults.front().error;
    return options;
}

Result<TokenId> Operating::id() {
    const Result<TokenId> id = parse_id(*arguments_.id);
    if (!id)
        return fail({id.error(), "id"});
    return *id;
}

Result<Account> Operating::account(const std::string& name, const char* field) {
    Result<Account> account = find_account(name);
    if (!account)
        return fail({account.error(), field});
    return account;
}

Error Operating::refused(client::TokensClient& client, const Error& error) {
    const std::string field = field_of(error.code);
    const bool is_named =
        std::find(begin_.named.begin(), begin_.named.end(), field) != begin_.named.end();
    if (error.code == Errc::UnknownPermission && arguments_.permissions) {
        for (std::size_t i = 0; i < arguments_.permissions->size(); ++i) {
            const Error cause = with_cause(client, {(*arguments_.permissions)[i]}, error);
            if (!cause.context.empty())
                fail({cause, field, i});
        }
        if (!conversation_.faults.empty())
            return conversation_.faults.front().error;
    }
    return fail({with_cause(client, {}, error), is_named ? field : std::string()});
}

Result<void> Operating::carry_out(client::TokensClient& client, Result<client::Operation> begun) {
    if (!begun)
        return begun.error().code == Errc::Cancelled ? begun.error()
                                                     : refused(client, begun.error());
    if (begin_.dry_run)
        return begun->cancel();
    put(TRY(conversation_.carry_out(std::move(*begun))));
    return {};
}

Result<void> Operating::create() {
    client::Dictionary options = TRY(token_options());
    options.erase("description");
    options.erase("permissions");
    if (options.texts("targets").empty())
        options.erase("targets");
    client::TokensClient client = TRY(conversation_.connect());
    return carry_out(
        client, client.begin_create(*arguments_.description, *arguments_.permissions, options));
}

Result<void> Operating::import() {
    client::Dictionary options = TRY(token_options());
    options.erase("description");
    client::TokensClient client = TRY(conversation_.connect());
    if (!begin_.dry_run)
        TRY(require_service_password(client));
    return carry_out(client, client.begin_import(*arguments_.description, options));
}

Result<void> Operating::import_for() {
    client::Dictionary options = TRY(token_options());
    options.erase("description");
    TRY(account(*arguments_.owner, "owner"));
    client::TokensClient client = TRY(conversation_.connect());
    return carry_out(
        client, client.begin_admin_import(*arguments_.owner, *arguments_.description, options));
}

// "~/x" in the user's home; the program's directory is nobody's business.
Result<std::string> absolute_path(const std::string& path) {
    const char* const home = secure_getenv("HOME");
    if (path.starts_with("~/") && home != nullptr)
        return home + path.substr(1);
    if (path.starts_with('/'))
        return path;
    return Error{Errc::BadFile, "the path must be absolute, or begin with ~/"};
}

std::string names_of_formats() {
    std::string names;
    for (const std::string& name : format_names())
        names.append(names.empty() ? "" : ", ").append(name);
    return names;
}

Result<void> Operating::import_from_file() {
    const Result<std::string> path = absolute_path(*arguments_.file);
    if (!path)
        return fail({path.error(), "file"});
    if (arguments_.format && !find_format(*arguments_.format))
        return fail({{Errc::MalformedRequest, "this is none of " + names_of_formats()}, "format"});
    const client::Dictionary common = TRY(token_options());
    const bool through_gateway = arguments_.through_gateway.value_or(false);
    if (through_gateway && common.texts("permissions").empty())
        return fail({Errc::UnfitForGateway, "permissions"});
    FileImport import{.file = *path,
                      .format = arguments_.format,
                      .skip = arguments_.skip.value_or(false),
                      .only_regular = true,
                      .token = {}};
    import.token.insecure_http = arguments_.insecure_http.value_or(false);
    import.token.through_gateway = through_gateway;
    client::TokensClient client = TRY(conversation_.connect());
    Result<FileTokens> read = read_file_tokens(session_, client, import, common);
    if (!read && read.error().code != Errc::Cancelled)
        return fail({read.error(), field_of_file_fault(read.error().code)});
    FileTokens tokens = TRY(std::move(read));
    if (!begin_.dry_run && !tokens.tokens.empty()) {
        Result<client::Operation> begun = client.begin_import_many(tokens.tokens);
        if (!begun)
            return begun.error().code == Errc::Cancelled ? begun.error()
                                                         : refused(client, begun.error());
        TRY(note_ids(tokens, TRY(conversation_.carry_out(std::move(*begun),
                                                         &tokens.credentials.secrets()))));
    }
    conversation_.result["lines"] = rows_of(tokens);
    return {};
}

Result<void> Operating::edit() {
    const client::Dictionary changes = TRY(token_options());
    const TokenId token = TRY(id());
    if (changes.empty())
        return fail({{Errc::MalformedRequest, "name what to change"}});
    client::TokensClient client = TRY(conversation_.connect());
    return carry_out(client, client.begin_update(token, changes));
}

Result<void> Operating::regenerate() {
    const client::Dictionary options = TRY(token_options());
    const TokenId token = TRY(id());
    client::TokensClient client = TRY(conversation_.connect());
    const Result<client::Dictionary> shown = client.show(token);
    if (!shown)
        return refused(client, shown.error());
    // One prompt takes one text, and a key's parts are only replaced together.
    const SecretKind kind = find_secret_kind(shown->text("secret-kind")).value_or(SecretKind::Text);
    if (kind != SecretKind::Text)
        return fail({{Errc::SeveralParts,
                      "this token's secret has several parts, which are replaced together; run: "
                      "patctl regenerate " +
                          token.text()},
                     "id"});
    return carry_out(client, client.begin_regenerate(token, options));
}

Result<void> Operating::delete_each() {
    const std::vector<TokenId> ids = read_ids(*arguments_.ids, conversation_.faults);
    if (!conversation_.faults.empty())
        return conversation_.faults.front().error;
    client::TokensClient client = TRY(conversation_.connect());
    conversation_.result["ids"] = nlohmann::ordered_json::array();
    Remembered password;
    for (std::size_t i = 0; i < ids.size(); ++i) {
        Result<client::Operation> begun = client.begin_delete(ids[i]);
        if (!begun && begun.error().code == Errc::NotFound)
            return fail({begun.error(), "ids", i});
        TRY(conversation_.carry_out(TRY(std::move(begun)), nullptr, &password));
        conversation_.result["ids"].push_back(ids[i].text());
    }
    return {};
}

Result<void> Operating::remove_all() {
    client::TokensClient client = TRY(conversation_.connect());
    return carry_out(client, client.begin_remove_all());
}

Result<void> Operating::lock() {
    client::TokensClient client = TRY(session_.connect());
    TRY(client.lock());
    conversation_.result["locked"] = true;
    return {};
}

Result<void> Operating::unlock() {
    client::Dictionary options;
    const Lasting lasting{"for", arguments_.duration.value_or("5m"), limits::kUnlockSecondsMax,
                          "UnlockMax=", "unlock-max"};
    if (arguments_.id) {
        const Result<std::int64_t> seconds = read_lasting(lasting, false);
        if (!seconds)
            return fail({seconds.error(), "for"});
        options.set("seconds", static_cast<std::uint64_t>(*seconds));
        options.set("token", TRY(id()).text());
    } else if (arguments_.duration) {
        return fail({{Errc::MalformedRequest, "a duration needs an id"}, "for"});
    }
    client::TokensClient client = TRY(conversation_.connect());
    Result<client::Operation> begun = client.begin_unlock(options);
    if (!begun && begun.error().code == Errc::InvalidExpiry)
        return fail({refuse_lasting(client, lasting, begun.error()), "for"});
    return carry_out(client, std::move(begun));
}

Result<void> Operating::set_password() {
    if (session_.own_service)
        return fail(
            {{Errc::UnknownOption, "the user's own service has no password to set"}, "operation"});
    // Not to be cancelled while the service is at work: the password may be set already.
    client::TokensClient client = TRY(session_.connect());
    TRY(conversation_.carry_out(TRY(client.begin_set_service_password()), nullptr, nullptr,
                                Cancelling::TooLate));
    return {};
}

Result<void> Operating::verify() {
    client::Dictionary options;
    if (arguments_.permission) {
        const Result<Permission> permission = read_permission(*arguments_.permission);
        if (!permission)
            return fail({permission.error(), "permission"});
        options.set("permission", permission->text());
    }
    if (arguments_.audience) {
        const Result<Origin> origin = read_origin(*arguments_.audience);
        if (!origin)
            return fail({origin.error(), "audience"});
        options.set("audience", origin->text());
    }
    if (arguments_.user) {
        const Result<std::string> user = read_username(*arguments_.user);
        if (!user)
            return fail({user.error(), "user"});
        options.set("user", *user);
    }
    client::TokensClient client = TRY(conversation_.connect());
    return carry_out(client, client.begin_verify(options));
}

Result<void> Operating::set_password_of_user() {
    const Account user = TRY(account(*arguments_.user, "user"));
    if (geteuid() != 0)
        return Errc::AccessDenied;
    TRY(set_password_of(session_.environment().enroll_socket, user, conversation_));
    // A service that does not run keeps nobody waiting.
    if (Result<client::TokensClient> client = session_.connect())
        (void)client->admin_end_wait(user.uid);
    conversation_.result["user"] = user.name;
    return {};
}

Result<void> Operating::revoke() {
    const std::vector<TokenId> ids = read_ids(*arguments_.ids, conversation_.faults);
    if (!conversation_.faults.empty())
        return conversation_.faults.front().error;
    const Account user = TRY(account(*arguments_.user, "user"));
    client::TokensClient client = TRY(session_.connect());
    conversation_.result["ids"] = nlohmann::ordered_json::array();
    for (std::size_t i = 0; i < ids.size(); ++i) {
        const Result<void> done = client.admin_revoke(user.uid, ids[i]);
        if (!done && done.error().code == Errc::NotFound)
            return fail({done.error(), "ids", i});
        TRY(done);
        conversation_.result["ids"].push_back(ids[i].text());
    }
    return {};
}

Result<void> Operating::reinstate() {
    const TokenId token = TRY(id());
    const Account user = TRY(account(*arguments_.user, "user"));
    client::TokensClient client = TRY(session_.connect());
    const Result<void> done = client.admin_reinstate(user.uid, token);
    if (!done && done.error().code == Errc::NotFound)
        return fail({done.error(), "id"});
    TRY(done);
    conversation_.result["id"] = token.text();
    return {};
}

struct VerbRow {
    Verb verb;
    Result<void> (Operating::*run)();
};
constexpr std::array kVerbs = {
    VerbRow{Verb::AdminImport, &Operating::import_for},
    VerbRow{Verb::AdminPasswd, &Operating::set_password_of_user},
    VerbRow{Verb::AdminReinstate, &Operating::reinstate},
    VerbRow{Verb::AdminRevoke, &Operating::revoke},
    VerbRow{Verb::Create, &Operating::create},
    VerbRow{Verb::Delete, &Operating::delete_each},
    VerbRow{Verb::Edit, &Operating::edit},
    VerbRow{Verb::Import, &Operating::import},
    VerbRow{Verb::ImportFile, &Operating::import_from_file},
    VerbRow{Verb::Lock, &Operating::lock},
    VerbRow{Verb::Passwd, &Operating::set_password},
    VerbRow{Verb::Regenerate, &Operating::regenerate},
    VerbRow{Verb::RemoveAll, &Operating::remove_all},
    VerbRow{Verb::Unlock, &Operating::unlock},
    VerbRow{Verb::Verify, &Operating::verify},
};

}  // namespace

Result<void> operate(const Session& session, Conversation& conversation) {
    const Begin begin = TRY(conversation.begin());
    const OperationRow* const row = find_operation(begin, conversation.faults);
    if (row == nullptr)
        return conversation.faults.front().error;
    Operating operating(session, conversation, begin);
    for (const VerbRow& verb : kVerbs) {
        if (verb.verb == row->verb)
            return (operating.*verb.run)();
    }
    return Errc::Internal;
}

}  // namespace patd::cli
