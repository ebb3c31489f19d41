// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "daemon/line/line_verbs.h"

#include "common/base/log_messages.h"
#include "common/base/parse_number.h"
#include "daemon/context/bouncer.h"
#include "daemon/line/git_answer.h"
#include "daemon/line/line_exchange.h"
#include "daemon/line/line_reply.h"
#include "daemon/line/line_verify.h"
#include "daemon/line/request_place.h"
#include "daemon/release/gateway_place.h"
#include "daemon/release/owner_sentence.h"

#include <algorithm>
#include <array>
#include <memory>
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
    Verb{"exchange", Access::Anyone, &LineVerbs::exchange},
};

constexpr std::string_view kVersion = "1";

const Verb* find_verb(std::string_view name) {
    for (const Verb& verb : kVerbs) {
        if (verb.name == name)
            return &verb;
    }
    return nullptr;
}

void log_own_fault(const Error& error) {
    if (error.code == Errc::Internal || error.code == Errc::Corrupt ||
        error.code == Errc::Unavailable)
        log(messages::kRequestFailed, error, {{"WHERE", "line"}});
}

void answer_error(const Exchange& exchange, const Error& error, Quit quit = Quit::No) {
    log_own_fault(error);
    write_error(exchange.reply, error, quit);
    exchange.done();
}

// A caller that cannot have tokens does not concern patd: git goes on to other helpers.
Quit quit_for(Errc why) {
    return why == Errc::AccessDenied ? Quit::No : Quit::Yes;
}

// Why nothing is released and, if known, of which token.
void answer_refusal(const Exchange& exchange, const Error& error) {
    log_own_fault(error);
    write_error(exchange.reply, error, quit_for(error.code),
                is_of_a_token(error.code) ? std::string_view(error.context) : std::string_view());
    exchange.done();
}

void answer_empty(const Exchange& exchange) {
    (void)line::LineWriter(exchange.reply).finish();
    exchange.done();
}

Done answer_done(const Exchange& exchange) {
    return [exchange](const Result<void>& done) {
        if (!done)
            return answer_error(exchange, done.error());
        answer_empty(exchange);
    };
}

// Like answer_done, but who was refused learns of which token that was.
Feedback::Ending answer_told(const Exchange& exchange, const ReleaseRequest& place) {
    const auto refused = std::make_shared<std::optional<Token>>();
    const auto done = [exchange, refused,
                       at = format_place(place.origin, place.path)](const Result<void>& ended) {
        if (!ended)
            return answer_error(exchange, ended.error());
        if (!*refused)
            return answer_empty(exchange);
        write_refused(exchange.reply, **refused, at);
        exchange.done();
    };
    return {done, [refused](const Token& token) { *refused = token; }};
}

TokenSecret read_secret(std::string_view value) {
    return TokenSecret(SecretBuffer::copy_of({value.data(), value.size()}));
}

// A whole number of seconds; the releaser refuses one that is too large.
Result<std::chrono::seconds> read_lifetime(std::string_view text) {
    const auto seconds = parse_number<std::uint32_t>(text);
    if (!seconds)
        return Errc::InvalidLifetime;
    return std::chrono::seconds(*seconds);
}

// A place, and what a child for it should be able to do.
Result<ReleaseRequest> read_wanted(const line::LineMessage& request) {
    ReleaseRequest wanted = TRY(read_place(request));
    if (const auto permissions = request.find("permission"))
        wanted.permissions = TRY(parse_permission_list(*permissions));
    if (const auto permissions = request.find("at-most"))
        wanted.at_most = TRY(parse_permission_list(*permissions));
    if (const auto access = request.find("access")) {
        if (*access != "ro")
            return Errc::InvalidPermission;
        wanted.to_read = true;
    }
    if (const auto audience = request.find("audience"))
        wanted.audience = TRY(Origin::parse(*audience));
    if (const auto lifetime = request.find("ttl"))
        wanted.ttl = TRY(read_lifetime(*lifetime));
    wanted.refused = find_state(request);
    wanted.takes = find_secret_kind(request.get("secret_kind")).value_or(SecretKind::Text);
    wanted.takes_bearer = read_abilities(request).authtype;
    return wanted;
}

// git's own place: a user name that was sent empty is a name, too (Kerberos).
Result<ReleaseRequest> read_stored_place(const line::LineMessage& request) {
    ReleaseRequest place = TRY(read_place(request));
    if (const auto username = request.find("username"))
        place.username = std::string(*username);
    return place;
}

// A bearer token, which git 2.46 and later sends without a name or a password.
bool is_bearer(const line::LineMessage& request) {
    return request.get("authtype") == "Bearer" && request.find("credential") &&
           !request.find("password");
}

// Whether a client that asks with a state of ours was refused what it names. git, for which
// `continue=1` is meant, still names the authtype of that answer. git-lfs sends only the state, and
// whenever it asks again: even after a 404.
bool is_back_after_a_refusal(const line::LineMessage& request) {
    return request.find("authtype").has_value();
}

// A credential that is not to be stored, or in a form that nobody can give back.
bool must_not_store(const line::LineMessage& request) {
    return request.get("ephemeral") == "1" ||
           (request.find("credential") && !request.find("password") && !is_bearer(request));
}

std::string_view given_secret(const line::LineMessage& request) {
    return request.get(is_bearer(request) ? "credential" : "password");
}

// As git reads it: anything that is not a time, or 0, means none.
UnixTime read_expiry(std::string_view text) {
    const UnixTime expires = parse_number<UnixTime>(text).value_or(0);
    return expires > 0 && expires <= limits::kStoredExpiryMax ? expires : 0;
}

Result<StoredCredential> read_stored(const line::LineMessage& request) {
    const bool bearer = is_bearer(request);
    const auto secret = request.find(bearer ? "credential" : "password");
    if (!secret || secret->size() > limits::kTokenSecretBytes || (bearer && secret->empty()))
        return Errc::InvalidSecret;
    StoredCredential stored(read_secret(*secret));
    const std::string_view refresh = request.get("oauth_refresh_token");
    if (refresh.size() > limits::kRefreshTokenBytes)
        return Errc::InvalidSecret;
    stored.refresh = RefreshToken(SecretBuffer::copy_of({refresh.data(), refresh.size()}));
    stored.expires = read_expiry(request.get("password_expiry_utc"));
    stored.scheme = bearer ? AuthScheme::Bearer : AuthScheme::Basic;
    return stored;
}

// Text for the log; patd-auth takes no longer one.
std::string cut(std::string_view text) {
    return std::string(text.substr(0, limits::kAuditTextBytes));
}

void finish(const Exchange& exchange, const Result<void>& written) {
    if (!written)
        return answer_error(exchange, written.error());
    exchange.done();
}

}  // namespace

void LineVerbs::handle(const Caller& caller, const line::LineMessage& request, SecretBuffer& reply,
                       std::function<void()> done) {
    answer({caller, request, reply, std::move(done)});
}

void LineVerbs::answer(const Exchange& exchange) {
    const Verb* verb = find_verb(exchange.request.get("op"));
    if (exchange.request.get("patd") != kVersion || verb == nullptr)
        return answer_error(exchange, Error{Errc::MalformedRequest, "patd or op"});
    if (const Result<void> authorised = authorise_(exchange.caller, verb->access); !authorised)
        return answer_error(exchange, authorised.error());
    if (verb->access == Access::Owner && is_for_others(exchange.request))
        return answer_empty(exchange);
    // Nothing is kept under such a name, so that others may answer; whoever stores it gets an
    // error.
    if (verb->access == Access::Owner && has_token_as_username(exchange.request))
        return verb->name == "store" ? answer_error(exchange, Errc::TokenAsUsername)
                                     : answer_empty(exchange);
    (this->*verb->function)(exchange);
}

void LineVerbs::get(const Exchange& exchange) {
    Result<ReleaseRequest> wanted = read_wanted(exchange.request);
    if (!wanted)
        return answer_error(exchange, wanted.error());
    wanted->exposed = exchange.exposed;
    if (!wanted->refused)
        return release(exchange, *wanted, Chance::First);
    if (services_.feedback.has_refused(exchange.caller.uid, *wanted->refused))
        return release(exchange, *wanted, Chance::Last);
    if (!is_back_after_a_refusal(exchange.request)) {
        wanted->refused.reset();
        return release(exchange, *wanted, Chance::Last);
    }
    // An exposure's client does not speak for the owner; and a refusal at a path that no target can
    // have does not apply to the whole host.
    if (exchange.exposed || wanted->has_odd_path)
        return release(exchange, *wanted, Chance::Last);
    services_.feedback.note_state(exchange.caller, *wanted, Feedback::Reception::Refused,
                                  [this, exchange, wanted = *wanted](const Result<void>& noted) {
                                      if (!noted)
                                          return answer_error(exchange, noted.error());
                                      release(exchange, wanted, Chance::Last);
                                  });
}

void LineVerbs::release(const Exchange& exchange, const ReleaseRequest& wanted, Chance chance) {
    services_.releaser.get(exchange.caller, wanted,
                           [&releaser = services_.releaser, exchange,
                            chance](Result<std::optional<Released>> released) {
                               if (!released)
                                   return answer_refusal(exchange, released.error());
                               if (!*released)
                                   return answer_empty(exchange);
                               const Result<void> written =
                                   write_git_answer(exchange.reply, **released,
                                                    read_abilities(exchange.request), chance);
                               releaser.take_back(std::move((*released)->password));
                               finish(exchange, written);
                           });
}

void LineVerbs::store(const Exchange& exchange) {
    const Result<ReleaseRequest> place = read_stored_place(exchange.request);
    if (!place)
        return answer_error(exchange, place.error());
    if (must_not_store(exchange.request))
        return note_state(exchange, *place, Feedback::Reception::Accepted);
    // Nothing is kept for the gateway, which takes only what patd made.
    if (is_at_gateway(*place, services_.state.settings.gateway_origin) &&
        token_shape(given_secret(exchange.request)) == TokenShape::None)
        return answer_empty(exchange);
    Result<StoredCredential> stored = read_stored(exchange.request);
    if (!stored)
        return answer_error(exchange, stored.error());
    services_.feedback.store(exchange.caller, *place, std::move(*stored), answer_done(exchange));
}

void LineVerbs::erase(const Exchange& exchange) {
    const Result<ReleaseRequest> place = read_stored_place(exchange.request);
    if (!place)
        return answer_error(exchange, place.error());
    if (place->has_odd_path)
        return answer_empty(exchange);
    // The state describes best which answer was refused.
    if (find_state(exchange.request))
        return note_state(exchange, *place, Feedback::Reception::Refused);
    const auto password = exchange.request.find("password");
    if (password || is_bearer(exchange.request)) {
        const TokenSecret secret =
            read_secret(password.value_or(exchange.request.get("credential")));
        return services_.feedback.erase(exchange.caller, *place, secret,
                                        answer_told(exchange, *place));
    }
    // Another helper's answer.
    if (exchange.request.find("credential") || exchange.request.find("state[]"))
        return note_state(exchange, *place, Feedback::Reception::Refused);
    services_.feedback.forget(exchange.caller, *place, answer_done(exchange));
}

// Handles what git says about an answer that only its state names; ignores other helpers' states.
void LineVerbs::note_state(const Exchange& exchange, ReleaseRequest place,
                           Feedback::Reception reception) {
    place.refused = find_state(exchange.request);
    if (!place.refused)
        return answer_empty(exchange);
    services_.feedback.note_state(exchange.caller, place, reception, answer_told(exchange, place));
}

void LineVerbs::capability(const Exchange& exchange) {
    line::LineWriter writer(exchange.reply);
    const auto write = [&]() -> Result<void> {
        TRY(writer.add("version", "0"));
        TRY(writer.add("capability[]", "authtype"));
        TRY(writer.add("capability[]", "state"));
        return writer.finish();
    };
    finish(exchange, write());
}

void LineVerbs::verify(const Exchange& exchange) {
    const Result<VerifyRequest> wanted = read_verify(exchange.request);
    if (!wanted)
        return answer_error(exchange, wanted.error());
    if (!services_.state.settings.record_units)
        return verify_for(exchange.caller, exchange, *wanted);
    services_.units.name(exchange.caller, [this, exchange, wanted = *wanted](const Caller& named) {
        verify_for(named, exchange, wanted);
    });
}

void LineVerbs::verify_for(const Caller& caller, const Exchange& exchange,
                           const VerifyRequest& wanted) {
    if (exchange.request.find("tokens"))
        return verify_many(caller, exchange, wanted);
    const std::string_view token = exchange.request.get("token");
    const Result<Verification> verification =
        services_.verifier.verify(caller, {token.data(), token.size()}, wanted);
    if (!verification)
        return answer_error(exchange, verification.error());
    finish(exchange, write_verification(exchange.reply, *verification));
}

void LineVerbs::verify_many(const Caller& caller, const Exchange& exchange,
                            const VerifyRequest& wanted) {
    Result<SecretList> secrets = read_tokens(exchange.request);
    if (!secrets)
        return answer_error(exchange, secrets.error());
    const auto list = std::make_shared<const SecretList>(*secrets);
    const auto written = std::make_shared<Result<void>>();
    services_.verifier.verify_many(
        caller, list->all(), wanted,
        [exchange, written](const Result<Verification>& verification) {
            if (!verification)
                log_own_fault(verification.error());
            if (*written)
                *written = write_result(exchange.reply, verification);
        },
        [exchange, written, list] {
            if (*written)
                *written = line::LineWriter(exchange.reply).finish();
            finish(exchange, *written);
        });
}

void LineVerbs::check(const Exchange& exchange) {
    const std::string user(exchange.request.get("user"));
    const std::string_view password = exchange.request.get("password");
    if (password.empty() || password.size() > limits::kServicePasswordBytes)
        return answer_error(exchange, Errc::InvalidPassword);
    if (!exchange.caller.uid.is_root()) {
        // A name that another user chose is never looked up: an absent user and somebody else look
        // the same.
        return services_.accounts.find_name(
            exchange.caller.uid, [this, exchange, user](const Result<std::string>& own) {
                if (!own || *own != user)
                    return answer_error(exchange, Errc::AccessDenied);
                check_password(exchange, exchange.caller.uid);
            });
    }
    if (user.empty() || user.size() > limits::kUsernameBytes)
        return answer_error(exchange, Errc::WrongPassword);
    // Whoever typed the name must not learn whether it exists.
    services_.accounts.find_uid(user, [this, exchange](const Result<Uid>& uid) {
        if (!uid && uid.error().code == Errc::Unavailable)
            return answer_error(exchange, uid.error());
        const bool is_owner = uid && uid->may_own_tokens();
        check_password(exchange, is_owner ? std::optional<Uid>(*uid) : std::nullopt);
    });
}

void LineVerbs::exchange(const Exchange& asked) {
    const Settings& settings = services_.state.settings;
    if (!settings.gateway_origin)
        return answer_error(asked, Errc::AccessDenied);
    services_.accounts.find_name(
        asked.caller.uid, [this, asked](const Result<std::string>& account) {
            const Result<void> allowed =
                account ? authorise_gateway(asked.caller, *account,
                                            services_.state.settings.gateway_account)
                        : account.error();
            if (!allowed)
                return answer_error(asked, allowed.error());
            const line::LineMessage& message = asked.request;
            const Result<Exchanged> exchanged = services_.gateway.exchange(
                asked.caller, {message.get("token"), message.get("host"), message.get("method"),
                               message.get("target")});
            if (!exchanged)
                return answer_error(asked, exchanged.error());
            finish(asked, write_exchanged(asked.reply, *exchanged));
        });
}

void LineVerbs::check_password(const Exchange& exchange, std::optional<Uid> uid) {
    if (const Result<void> allowed = authorise_check(exchange.caller, uid); !allowed)
        return answer_error(exchange, allowed.error());
    const line::LineMessage& message = exchange.request;
    const std::string_view password = message.get("password");
    const PasswordCheck::Request request{exchange.caller.uid, uid, std::string(message.get("user")),
                                         cut(message.get("service")), cut(message.get("rhost"))};
    services_.password_check.check(
        request, PromptAnswer(SecretBuffer::copy_of({password.data(), password.size()})),
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
}

}  // namespace patd
