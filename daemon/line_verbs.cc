// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "daemon/line_verbs.h"

#include "common/base/log_messages.h"
#include "daemon/bouncer.h"
#include "daemon/line_reply.h"

#include <array>
#include <utility>

namespace patd {
namespace {

using Exchange = LineVerbs::Exchange;

struct Verb {
    std::string_view name;
    Access access;
    void (LineVerbs::*function)(const Exchange&);
};

constexpr std::array kVerbs = {
    Verb{"get", Access::Owner, &LineVerbs::get},
    Verb{"store", Access::Owner, &LineVerbs::store},
    Verb{"erase", Access::Owner, &LineVerbs::erase},
    Verb{"capability", Access::Anyone, &LineVerbs::capability},
    Verb{"verify", Access::Anyone, &LineVerbs::verify},
    Verb{"check", Access::Anyone, &LineVerbs::check},
};

constexpr std::string_view kVersion = "1";

const Verb* find_verb(std::string_view name) {
    for (const Verb& verb : kVerbs) {
        if (verb.name == name)
            return &verb;
    }
    return nullptr;
}

void answer_error(const Exchange& exchange, const Error& error, Quit quit = Quit::No) {
    if (error.code == Errc::Internal || error.code == Errc::Corrupt ||
        error.code == Errc::Unavailable)
        log(messages::kRequestFailed, error, {{"WHERE", "line"}});
    write_error(exchange.reply, error, quit);
    exchange.done();
}

// A caller who cannot have tokens is none of patd's: git goes on to other helpers.
Quit quit_for(Errc why) {
    return why == Errc::AccessDenied ? Quit::No : Quit::Yes;
}

void answer_empty(const Exchange& exchange) {
    (void)line::LineWriter(exchange.reply).finish();
    exchange.done();
}

// protocol and host are mandatory, and the host grammar is closed: what git sends for a mangled URL
// never reaches the choice of a token. Any fault is a malformed request.
Result<ReleaseRequest> read_place(const line::LineMessage& request) {
    const Result<Origin> origin = Origin::parse(request.get("protocol"), request.get("host"));
    const Result<std::string> path = parse_path(request.get("path"));
    if (!origin || !path)
        return Error{Errc::MalformedRequest, "protocol, host or path"};
    ReleaseRequest place{*origin, *path, std::nullopt};
    if (const auto username = request.find("username"); username && !username->empty())
        place.username = std::string(*username);
    return place;
}

TokenSecret read_secret(std::string_view value) {
    return TokenSecret(SecretBuffer::copy_of({value.data(), value.size()}));
}

Result<void> write_released(SecretBuffer& reply, const Released& released) {
    line::LineWriter writer(reply);
    const std::span<const char> password = released.password.expose();
    TRY(writer.add("username", released.username));
    TRY(writer.add("password", {password.data(), password.size()}));
    if (released.expires != 0)
        TRY(writer.add("password_expiry_utc", std::to_string(released.expires)));
    return writer.finish();
}

Result<void> write_verification(SecretBuffer& reply, const Verification& verification) {
    line::LineWriter writer(reply);
    TRY(writer.add("valid", verification.valid ? "1" : "0"));
    if (!verification.valid) {
        TRY(writer.add("reason", verify_failure_name(verification.failure)));
        return writer.finish();
    }
    const Verified& valid = *verification.valid;
    TRY(writer.add("id", valid.token().id.view()));
    TRY(writer.add("kind", valid.child ? "child" : "issued"));
    TRY(writer.add("uid", std::to_string(valid.token().owner.value())));
    TRY(writer.add("user", valid.token().owner_name));
    TRY(writer.add("permissions", format_permissions(valid.permissions())));
    TRY(writer.add("expires", std::to_string(valid.expires())));
    return writer.finish();
}

Result<VerifyRequest> read_verify(const line::LineMessage& request) {
    VerifyRequest wanted;
    if (const auto permission = request.find("permission"))
        wanted.permission = TRY(Permission::parse(*permission));
    if (const auto audience = request.find("audience"))
        wanted.audience = TRY(Origin::parse(*audience));
    wanted.user = request.get("user");
    wanted.where = std::string(request.get("service"));
    if (const auto rhost = request.find("rhost"))
        wanted.where += " from " + std::string(*rhost);
    return wanted;
}

void finish(const Exchange& exchange, const Result<void>& written) {
    if (!written)
        return answer_error(exchange, written.error());
    exchange.done();
}

}  // namespace

void LineVerbs::handle(const Caller& caller, const line::LineMessage& request, SecretBuffer& reply,
                       std::function<void()> done) {
    const Exchange exchange{caller, request, reply, std::move(done)};
    const Verb* verb = find_verb(request.get("op"));
    if (request.get("patd") != kVersion || verb == nullptr)
        return answer_error(exchange, Error{Errc::MalformedRequest, "patd or op"});
    if (const Result<void> authorised = authorise_(caller, verb->access); !authorised)
        return answer_error(exchange, authorised.error());
    (this->*verb->function)(exchange);
}

void LineVerbs::get(const Exchange& exchange) {
    const Result<ReleaseRequest> place = read_place(exchange.request);
    if (!place)
        return answer_error(exchange, place.error());
    services_.releaser.get(
        exchange.caller, *place, [exchange](const Result<std::optional<Released>>& released) {
            if (!released)
                return answer_error(exchange, released.error(), quit_for(released.error().code));
            if (!*released)
                return answer_empty(exchange);
            finish(exchange, write_released(exchange.reply, **released));
        });
}

void LineVerbs::store(const Exchange& exchange) {
    const Result<ReleaseRequest> place = read_place(exchange.request);
    if (!place)
        return answer_error(exchange, place.error());
    TokenSecret secret = read_secret(exchange.request.get("password"));
    if (secret.empty() || secret.size() > limits::kTokenSecretBytes)
        return answer_error(exchange, Errc::InvalidSecret);
    services_.feedback.store(exchange.caller, *place, std::move(secret),
                             [exchange](const Result<void>& stored) {
                                 if (!stored)
                                     return answer_error(exchange, stored.error());
                                 answer_empty(exchange);
                             });
}

void LineVerbs::erase(const Exchange& exchange) {
    const Result<ReleaseRequest> place = read_place(exchange.request);
    if (!place)
        return answer_error(exchange, place.error());
    const TokenSecret secret = read_secret(exchange.request.get("password"));
    // "Erase everything for this host" is a request that git may send; nothing is named, so
    // nothing is done.
    if (secret.empty())
        return answer_empty(exchange);
    services_.feedback.erase(exchange.caller, *place, secret,
                             [exchange](const Result<void>& erased) {
                                 if (!erased)
                                     return answer_error(exchange, erased.error());
                                 answer_empty(exchange);
                             });
}

void LineVerbs::capability(const Exchange& exchange) {
    line::LineWriter writer(exchange.reply);
    const auto write = [&]() -> Result<void> {
        TRY(writer.add("version", "0"));
        return writer.finish();
    };
    finish(exchange, write());
}

void LineVerbs::verify(const Exchange& exchange) {
    const Result<VerifyRequest> wanted = read_verify(exchange.request);
    if (!wanted)
        return answer_error(exchange, wanted.error());
    const std::string_view token = exchange.request.get("token");
    const Result<Verification> verification =
        services_.verifier.verify(exchange.caller, {token.data(), token.size()}, *wanted);
    if (!verification)
        return answer_error(exchange, verification.error());
    finish(exchange, write_verification(exchange.reply, *verification));
}

void LineVerbs::check(const Exchange& exchange) {
    const std::string user(exchange.request.get("user"));
    const std::string_view password = exchange.request.get("password");
    if (password.empty() || password.size() > limits::kServicePasswordBytes)
        return answer_error(exchange, Errc::InvalidPassword);
    services_.accounts.find_uid(user, [this, exchange, user, password](const Result<Uid>& uid) {
        // An absent user and somebody else's look the same.
        if (!uid || !authorise_check(exchange.caller, *uid))
            return answer_error(exchange, Errc::AccessDenied);
        const PasswordCheck::Request request{exchange.caller.uid, *uid, user,
                                             std::string(exchange.request.get("service"))};
        PromptAnswer answer(SecretBuffer::copy_of({password.data(), password.size()}));
        services_.password_check.check(request, std::move(answer),
                                       [exchange](const Result<void>& granted) {
                                           if (!granted)
                                               return answer_error(exchange, granted.error());
                                           line::LineWriter writer(exchange.reply);
                                           const auto write = [&]() -> Result<void> {
                                               TRY(writer.add("valid", "1"));
                                               return writer.finish();
                                           };
                                           finish(exchange, write());
                                       });
    });
}

}  // namespace patd
