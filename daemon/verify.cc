// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "daemon/verify.h"

#include "common/base/log_messages.h"
#include "common/token/token_string.h"
#include "daemon/child_token.h"

#include <algorithm>

namespace patd {
namespace {

Verification refused(VerifyFailure failure) {
    return {std::nullopt, failure};
}

bool has_origin(const Token& token, const Origin& audience) {
    return token.targets.empty() ||
           std::any_of(token.targets.begin(), token.targets.end(),
                       [&](const Target& target) { return target.origin() == audience; });
}

}  // namespace

std::string_view verify_failure_name(VerifyFailure failure) {
    switch (failure) {
        case VerifyFailure::Unknown:
            return "unknown";
        case VerifyFailure::Malformed:
            return "malformed";
        case VerifyFailure::Expired:
            return "expired";
        case VerifyFailure::Dead:
            return "dead";
        case VerifyFailure::Permission:
            return "permission";
        case VerifyFailure::Audience:
            return "audience";
        case VerifyFailure::User:
            return "user";
        case VerifyFailure::Locked:
            return "locked";
    }
    return "";
}

Result<Verification> Verifier::judge_issued(std::span<const char> secret, const TokenId& id,
                                            std::optional<Auditor::Subject>& subject) {
    const store::Digest digest = TRY(context_.store.digest(secret));
    std::optional<store::StoredToken> stored = TRY(context_.store.find(id));
    if (stored && stored->token.kind == TokenKind::Issued &&
        constant_time_equal(stored->verifier, digest)) {
        Verified verified{std::move(stored->token)};
        verified.permissions = verified.token.permissions;
        verified.expires = verified.token.expires;
        subject = {verified.token.id, verified.token.owner};
        return Verification{std::move(verified)};
    }
    if (stored)
        subject = {stored->token.id, stored->token.owner};
    const std::optional<store::Tombstone> tombstone = TRY(context_.store.find_tombstone(digest));
    if (tombstone && !subject)
        subject = {tombstone->id, tombstone->owner};
    return refused(tombstone ? VerifyFailure::Dead : VerifyFailure::Unknown);
}

Result<Verification> Verifier::judge_child(std::span<const char> secret,
                                           std::optional<Auditor::Subject>& subject) {
    Result<ChildClaims> claims = open_child(secret, context_.store);
    if (!claims && claims.error().code == Errc::NotFound)
        return refused(VerifyFailure::Unknown);
    if (!claims)
        return claims.error();
    std::optional<store::StoredToken> parent = TRY(context_.store.find(claims->parent));
    if (!parent)
        return refused(VerifyFailure::Dead);
    subject = {parent->token.id, parent->token.owner};
    if (claims->generation != parent->token.generation)
        return refused(VerifyFailure::Dead);
    if (claims->expires <= context_.clock.now())
        return refused(VerifyFailure::Expired);
    Verified verified{std::move(parent->token), true, std::move(claims->permissions),
                      claims->expires};
    verified.token.targets = {std::move(claims->target)};
    return Verification{std::move(verified)};
}

Result<Verification> Verifier::judge_request(Verification found, const VerifyRequest& request) {
    const Token& token = found.valid->token;
    if (TRY(context_.locks.is_locked(token.owner)))
        return refused(VerifyFailure::Locked);
    if (is_expired(token, context_.clock.now()))
        return refused(VerifyFailure::Expired);
    if (!request.user.empty() && request.user != token.owner_name)
        return refused(VerifyFailure::User);
    if (request.permission && !covers(found.valid->permissions, *request.permission))
        return refused(VerifyFailure::Permission);
    if (request.audience && !has_origin(token, *request.audience))
        return refused(VerifyFailure::Audience);
    return found;
}

Result<Verification> Verifier::verify(const Caller& caller, std::span<const char> secret,
                                      const VerifyRequest& request) {
    const std::string_view text(secret.data(), secret.size());
    std::optional<Auditor::Subject> subject;
    Verification verification = refused(VerifyFailure::Malformed);
    if (const std::optional<TokenId> id = issued_token_id(text))
        verification = TRY(judge_issued(secret, *id, subject));
    else if (token_shape(text) == TokenShape::Child)
        verification = TRY(judge_child(secret, subject));
    if (verification.valid)
        verification = TRY(judge_request(std::move(verification), request));
    if (verification.valid) {
        context_.auditor.record_verified(caller, verification.valid->token, request.where);
        return verification;
    }
    context_.auditor.activity().refusals.count(context_.clock.now());
    const std::string reason(verify_failure_name(verification.failure));
    if (subject && context_.auditor.record_refused(caller, *subject, reason, request.where) &&
        verification.failure == VerifyFailure::Dead)
        log(messages::kDeadSecret, {{"TOKEN", subject->token.text()},
                                    {"UID", std::to_string(subject->owner.value())},
                                    {"CALLER", std::to_string(caller.uid.value())},
                                    {"BY", "verify"}});
    return verification;
}

}  // namespace patd
