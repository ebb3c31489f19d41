// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "cli/command/script_token.h"

#include "cli/command/refused_request.h"
#include "cli/git/git_config.h"
#include "cli/git/git_gateway.h"
#include "cli/session/typed_values.h"
#include "cli/text/call_token.h"
#include "cli/text/table.h"
#include "common/base/limits.h"
#include "common/line/line_client.h"
#include "common/line/line_message.h"
#include "common/token/place.h"
#include "common/token/token.h"

#include <algorithm>

namespace patd::cli {
namespace {

bool is_live(const client::Dictionary& token, UnixTime now) {
    const UnixTime expires = token.time("expires");
    return token.text("state") == "active" && (expires == 0 || expires > now);
}

Result<bool> covers_all(const client::Dictionary& token, const PermissionList& wanted) {
    const std::vector<std::string> held = token.texts("permissions");
    if (wanted.empty() || held.empty())
        return wanted.empty();
    return covers(TRY(parse_permissions(held)), wanted);
}

// The first ones, and how many more there are.
std::string name_some(const std::vector<std::string>& names) {
    constexpr std::size_t kNamed = 3;
    std::string which;
    for (std::size_t i = 0; i < std::min(names.size(), kNamed); ++i)
        which += (i == 0 ? "" : ", ") + printable(names[i]);
    if (names.size() > kNamed)
        which += " and " + std::to_string(names.size() - kNamed) + " more";
    return which;
}

// Why there is not one target that goes without saying.
Error refuse_targets(const std::vector<client::Dictionary>& fitting) {
    if (fitting.size() > 1) {
        std::vector<std::string> names;
        names.reserve(fitting.size());
        for (const client::Dictionary& token : fitting)
            names.push_back(call_token(token));
        return {Errc::InvalidTarget, name_some(names) + " can do this; say where with -t URL"};
    }
    const std::vector<std::string> targets = fitting.front().texts("targets");
    if (targets.empty())
        return {Errc::InvalidTarget, call_token(fitting.front()) +
                                         " has no target, so it cannot be released; run 'patctl "
                                         "edit " +
                                         printable(fitting.front().text("id")) + " -t URL'"};
    return {Errc::InvalidTarget, call_token(fitting.front()) + " is for " + name_some(targets) +
                                     "; say which with -t URL"};
}

std::vector<std::string> texts_of(const PermissionList& permissions) {
    std::vector<std::string> texts;
    for (const Permission& permission : permissions)
        texts.push_back(permission.text());
    return texts;
}

// The target of the only token that fits.
Result<Target> find_only_target(const Session& session, const PermissionList& wanted) {
    client::TokensClient client = TRY(session.connect());
    std::vector<client::Dictionary> fitting;
    for (client::Dictionary& token : TRY(client.list())) {
        if (is_live(token, session.now()) && TRY(covers_all(token, wanted)))
            fitting.push_back(std::move(token));
    }
    if (fitting.empty())
        return with_mistyped(
            client, texts_of(wanted),
            {Errc::NotFound, "you have no valid token that can do this; see 'patctl list'"});
    const std::vector<std::string> targets = fitting.front().texts("targets");
    if (fitting.size() > 1 || targets.size() != 1)
        return refuse_targets(fitting);
    return Target::parse(targets.front());
}

// patd itself says what the machine allows.
Lasting lasting_of(const std::string& typed) {
    return {"--ttl", typed, limits::kChildLifetimeSecondsMax, "ChildTokenLifetimeMax=", ""};
}

struct ScriptToken {
    PermissionList permissions;
    Target target;
    std::optional<std::string> username;
    std::optional<std::int64_t> ttl;  // seconds
};

// The same place behind the gateway.
Result<Target> at_gateway(const Session& session, const Target& target) {
    if (target.origin().protocol() != "https")
        return Error{Errc::InvalidTarget,
                     target.url() + ": the gateway reaches https places alone"};
    client::TokensClient client = TRY(session.connect());
    const client::Dictionary status = TRY(client.status());
    if (!status.has("gateway"))
        return Errc::NoGateway;
    return Target::parse(gateway_url(status.text("gateway"), target.url()));
}

Result<ScriptToken> check(const Session& session, const ScriptTokenOptions& options) {
    PermissionList permissions;
    if (!options.permissions.empty())
        permissions = TRY(read_permissions(options.permissions));
    std::optional<std::string> username;
    if (options.username)
        username = TRY(read_username(*options.username));
    std::optional<std::int64_t> ttl;
    if (options.ttl)
        ttl = TRY(read_lasting(lasting_of(*options.ttl), true));
    Place place = options.url
                      ? TRY(read_place(*options.url, username))
                      : Place{TRY(find_only_target(session, permissions)), std::move(username)};
    if (options.through_gateway)
        place.target = TRY(at_gateway(session, place.target));
    return ScriptToken{std::move(permissions), std::move(place.target), std::move(place.username),
                       ttl};
}

Result<void> write_request(SecretBuffer& buffer, const ScriptToken& wanted) {
    line::LineWriter writer(buffer);
    const Origin& origin = wanted.target.origin();
    TRY(writer.add("patd", "1"));
    TRY(writer.add("op", "get"));
    TRY(writer.add("protocol", origin.protocol()));
    TRY(writer.add("host", origin.host_and_port()));
    if (!wanted.target.path().empty())
        TRY(writer.add("path", wanted.target.path()));
    if (wanted.username)
        TRY(writer.add("username", *wanted.username));
    if (!wanted.permissions.empty())
        TRY(writer.add("permission", format_permissions(wanted.permissions)));
    if (wanted.ttl)
        TRY(writer.add("ttl", std::to_string(*wanted.ttl)));
    return writer.finish();
}

// patd's sentence names the token where that is known.
Error refusal_of(Errc code, std::string_view text) {
    return {code, text == errc_message(code) ? std::string() : std::string(text)};
}

// Which part of the request no token meets, and the command that shows it of each.
Error refuse_request(const ScriptToken& wanted) {
    const std::string url = wanted.target.url();
    std::string can = "is for " + url;
    std::string see = "patctl explain " + quote_for_shell(url);
    if (!wanted.permissions.empty()) {
        const std::string permissions = format_permissions(wanted.permissions);
        can = "can do " + permissions + " at " + url;
        see += " -p " + permissions;
    }
    if (wanted.username) {
        can += " as " + printable(*wanted.username);
        see += " -u " + printable(quote_for_shell(*wanted.username));
    }
    return {Errc::NotFound, "none of your tokens " + can + "; see: " + see};
}

Result<TokenSecret> read_reply(const SecretBuffer& reply, const ScriptToken& wanted) {
    std::size_t consumed = 0;
    const auto message = TRY(line::LineMessage::parse(reply.reveal(), false, consumed));
    if (!message)
        return Error{Errc::Unavailable, "the answer is incomplete"};
    if (const auto error = message->find("error"))
        return refusal_of(errc_from_name(*error).value_or(Errc::Internal), message->get("text"));
    const auto secret = message->find("password");
    if (!secret)
        return refuse_request(wanted);
    return TokenSecret(SecretBuffer::copy_of({secret->data(), secret->size()}));
}

}  // namespace

void add_script_token_options(CLI::App& command, ScriptTokenOptions& options) {
    command
        .add_option("-p,--permission", options.permissions,
                    "What the token must be able to do: area:object:ro or area:object:rw; repeat "
                    "for more, or use commas")
        ->allow_extra_args(false)
        ->delimiter(',')
        ->type_name("PERMISSION");
    command
        .add_option("-t,--target", options.url,
                    "Where the token is used: https://host[:port][/path]; required unless only "
                    "one token fits")
        ->type_name("URL");
    command.add_option("-u,--username", options.username, "The account name at that service")
        ->type_name("NAME");
    command
        .add_option("--ttl", options.ttl,
                    "How long it must work, for example 5m; patd may shorten it")
        ->type_name("DURATION");
    command.add_flag("--through-gateway", options.through_gateway,
                     "For the gateway of this machine, which alone gets the token's own secret");
}

Result<ScriptSecret> fetch_secret(const Session& session, const ScriptTokenOptions& options) {
    const ScriptToken wanted = TRY(check(session, options));
    line::LineClient client =
        TRY(line::LineClient::connect(session.environment().line_socket.c_str()));
    SecretBuffer buffer(limits::kLineReplyBytes);
    TRY(write_request(buffer, wanted));
    TRY(client.exchange_in_place(buffer));
    Result<TokenSecret> secret = read_reply(buffer, wanted);
    if (secret)
        return ScriptSecret{std::move(*secret), wanted.target.url()};
    if (secret.error().code != Errc::NotFound || wanted.permissions.empty())
        return secret.error();
    Result<client::TokensClient> tokens = session.connect();
    return tokens ? with_mistyped(*tokens, texts_of(wanted.permissions), secret.error())
                  : secret.error();
}

}  // namespace patd::cli
