// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "cli/command/script_token.h"

#include "cli/text/duration.h"
#include "common/line/line_client.h"
#include "common/line/line_message.h"
#include "common/token/place.h"
#include "common/token/token.h"

namespace patd::cli {
namespace {

constexpr char kGiveUrl[] =
    "without -t, exactly one of your tokens must fit, and it must have one target";

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

// The target of the only token that fits.
Result<Target> find_only_target(const Session& session, const PermissionList& wanted) {
    client::TokensClient client = TRY(session.connect());
    std::vector<std::string> targets;
    std::size_t fitting = 0;
    for (const client::Dictionary& token : TRY(client.list())) {
        if (!is_live(token, session.now()) || !TRY(covers_all(token, wanted)))
            continue;
        ++fitting;
        targets = token.texts("targets");
    }
    if (fitting == 0)
        return Error{Errc::NotFound, "you have no live token that can do this"};
    if (fitting > 1 || targets.size() != 1)
        return Error{Errc::InvalidTarget, kGiveUrl};
    return Target::parse(targets.front());
}

struct ScriptToken {
    PermissionList permissions;
    Target target;
    std::optional<std::string> username;
    std::optional<std::int64_t> ttl;  // seconds
};

Result<ScriptToken> check(const Session& session, const ScriptTokenOptions& options) {
    PermissionList permissions;
    if (!options.permissions.empty())
        permissions = TRY(parse_permissions(options.permissions));
    std::optional<std::string> username;
    if (options.username)
        username = TRY(parse_username(*options.username));
    std::optional<std::int64_t> ttl;
    if (options.ttl)
        ttl = TRY(parse_duration(*options.ttl));
    if (!options.url) {
        Target target = TRY(find_only_target(session, permissions));
        return ScriptToken{std::move(permissions), std::move(target), std::move(username), ttl};
    }
    Place place = TRY(parse_place(*options.url, username));
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

Result<TokenSecret> read_reply(const SecretBuffer& reply, const Target& target) {
    std::size_t consumed = 0;
    const auto message = TRY(line::LineMessage::parse(reply.reveal(), false, consumed));
    if (!message)
        return Error{Errc::Unavailable, "the answer is incomplete"};
    if (const auto error = message->find("error"))
        return Error{errc_from_name(*error).value_or(Errc::Internal), "for " + target.url()};
    const auto secret = message->find("password");
    if (!secret)
        return Error{Errc::NotFound, "none fits; see 'patctl explain " + target.url() + "'"};
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
        ->check(check_duration)
        ->type_name("DURATION");
}

Result<TokenSecret> fetch_secret(const Session& session, const ScriptTokenOptions& options) {
    const ScriptToken wanted = TRY(check(session, options));
    line::LineClient client =
        TRY(line::LineClient::connect(session.environment().line_socket.c_str()));
    SecretBuffer buffer(limits::kLineReplyBytes);
    TRY(write_request(buffer, wanted));
    TRY(client.exchange_in_place(buffer));
    return read_reply(buffer, wanted.target);
}

}  // namespace patd::cli
