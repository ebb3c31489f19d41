// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "daemon/release/gateway_exchange.h"

#include "common/base/limits.h"
#include "common/token/token_string.h"
#include "common/token/visible_text.h"

#include <algorithm>
#include <utility>

namespace patd {
namespace {

using Failure = ExchangeFailure;

// A target that says how its server takes a secret knows better than a table for many.
ForgeAuth auth_for(const Token& token, const Target& target, const ForgeRequest& judged) {
    ForgeAuth auth = judged.auth;
    if (judged.is_git && target.scheme() == AuthScheme::Bearer)
        auth = {ForgeScheme::Bearer, {}};
    if (auth.scheme == ForgeScheme::Basic && auth.username.empty())
        auth.username = token.username;
    return auth;
}

// The forge as far as it is one, for the audit log; no byte of the request's target.
std::string describe_forge(const ExchangeRequest& request) {
    const Result<Origin> forge = Origin::parse("https", request.host);
    return "gateway for " + (forge ? forge->text() : std::string("no host"));
}

}  // namespace

std::string_view exchange_failure_name(ExchangeFailure failure) {
    switch (failure) {
        case Failure::Unknown:
            return "unknown";
        case Failure::Malformed:
            return "malformed";
        case Failure::Dead:
            return "dead";
        case Failure::Expired:
            return "expired";
        case Failure::Locked:
            return "locked";
        case Failure::Rejected:
            return "rejected";
        case Failure::Place:
            return "place";
        case Failure::Request:
            return "request";
        case Failure::Permission:
            return "permission";
    }
    return "";
}

Result<GatewayExchange::Found> GatewayExchange::find_live(
    const ExchangeRequest& request, std::optional<Auditor::Subject>& subject) {
    if (token_shape(request.token) != TokenShape::Child)
        return Found(Failure::Malformed);
    Result<OpenedChild> child =
        open_child({request.token.data(), request.token.size()}, context_.store, scratch_);
    if (!child && child.error().code == Errc::NotFound)
        return Found(Failure::Unknown);
    if (!child)
        return child.error();
    // A child of an issued token is for services of this machine.
    if (!child->for_gateway)
        return Found(Failure::Unknown);
    store::StoredTokenPtr parent = TRY(context_.store.find(child->parent));
    if (!parent)
        return Found(Failure::Dead);
    const Token& token = parent->token;
    subject = {token.id, token.owner};
    if (child->generation != token.generation || token.kind != TokenKind::Imported ||
        !token.through_gateway)
        return Found(Failure::Dead);
    if (child->expires <= context_.clock.expiry_time())
        return Found(Failure::Expired);
    std::optional<ChildClaims> claims = TRY(read_claims(std::move(*child), token, context_.store));
    if (!claims)
        return Found(Failure::Dead);
    return Found(Live{std::move(parent), std::move(*claims)});
}

Result<std::optional<ExchangeFailure>> GatewayExchange::judge_token(const Token& token) {
    using Why = std::optional<Failure>;
    if (is_expired(token, context_.clock.expiry_time()))
        return Why(Failure::Expired);
    if (token.state == TokenState::Rejected)
        return Why(Failure::Rejected);
    return TRY(context_.locks.is_locked(token.owner)) ? Why(Failure::Locked) : Why();
}

std::variant<ExchangeFailure, ForgeRequest> GatewayExchange::judge_request(
    const Live& live, const ExchangeRequest& request, const Origin& forge) const {
    const ChildClaims& claims = live.claims;
    if (claims.audience != forge || claims.target.origin() != forge)
        return Failure::Place;
    std::optional<ForgeRequest> judged =
        judge_forge_request(context_.state.forges.find(forge), request.method, request.target);
    if (!judged)
        return Failure::Request;
    if (!claims.target.covers(forge, judged->place))
        return Failure::Place;
    if (is_refused_at(live.parent->token, forge, judged->place))
        return Failure::Rejected;
    if (!covers(claims.permissions, judged->permission))
        return Failure::Permission;
    return std::move(*judged);
}

Result<Exchanged> GatewayExchange::release(const Caller& caller, const Live& live,
                                           const Origin& forge, const ForgeRequest& judged) {
    const Token& token = live.parent->token;
    TokenSecret secret = TRY(context_.store.open_secret(token.id, live.parent->verifier));
    const std::string gateway = context_.state.settings.gateway_origin
                                    ? context_.state.settings.gateway_origin->text()
                                    : std::string();
    const std::string where = "gateway " + gateway + " " + format_place(forge, judged.place) +
                              " (" + judged.permission.text() + ")";
    TRY(context_.auditor.record_exchange(caller, token,
                                         std::string(cut_text(where, limits::kAuditTextBytes))));
    context_.auditor.activity().releases.count(context_.clock.now());
    return Exchanged(GatewayRelease{token.id, token.owner_name,
                                    auth_for(token, live.claims.target, judged),
                                    std::move(secret)});
}

Result<Exchanged> GatewayExchange::exchange(const Caller& caller, const ExchangeRequest& request) {
    std::optional<Auditor::Subject> subject;
    const auto refuse = [&](Failure why) {
        context_.auditor.activity().refusals.count(context_.clock.now());
        if (why != Failure::Malformed)
            context_.auditor.record_refused(caller, subject, exchange_failure_name(why),
                                            describe_forge(request));
        return Exchanged(why);
    };
    const Found found = TRY(find_live(request, subject));
    if (const auto* why = std::get_if<Failure>(&found))
        return refuse(*why);
    const Live& live = std::get<Live>(found);
    if (const auto why = TRY(judge_token(live.parent->token)))
        return refuse(*why);
    const Result<Origin> forge = Origin::parse("https", request.host);
    if (!forge)
        return refuse(Failure::Place);
    const auto judged = judge_request(live, request, *forge);
    if (const auto* why = std::get_if<Failure>(&judged))
        return refuse(*why);
    Result<Exchanged> released = release(caller, live, *forge, std::get<ForgeRequest>(judged));
    // Changed at this very moment: another secret is not this child's.
    if (!released && released.error().code == Errc::NotFound) {
        context_.store.forget(live.parent->token.owner);
        return refuse(Failure::Dead);
    }
    return released;
}

}  // namespace patd
