// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "daemon/release/verify.h"

#include "common/base/limits.h"
#include "common/token/token_string.h"
#include "daemon/release/child_token.h"

#include <algorithm>

namespace patd {
namespace {

Verification refused(VerifyFailure failure) {
    return {std::nullopt, failure};
}

bool is_for(const Verified& found, const Origin& audience) {
    if (found.child)
        return found.child->audience == audience;
    const TargetList& targets = found.token().targets;
    return targets.empty() ||
           std::any_of(targets.begin(), targets.end(),
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
                                            std::optional<Auditor::Subject>& subject,
                                            std::optional<store::Tombstone>& dead) {
    const Digest digest = TRY(context_.store.digest(secret));
    store::StoredTokenPtr stored = TRY(context_.store.find(id));
    const bool is_right = stored && stored->token.kind == TokenKind::Issued &&
                          constant_time_equal(stored->verifier, digest);
    // The time must not tell somebody who presents a wrong secret that there is such a token.
    if (stored && !is_right)
        TRY(context_.store.find_nothing(id));
    // The right secret is intact; for any other, the checksum tells a typo from one that died.
    if (!is_right && token_shape({secret.data(), secret.size()}) != TokenShape::Issued)
        return refused(VerifyFailure::Malformed);
    if (stored)
        subject = {stored->token.id, stored->token.owner};
    if (is_right)
        return Verification{Verified{std::move(stored)}};
    dead = TRY(context_.store.find_tombstone(digest));
    return refused(dead ? VerifyFailure::Dead : VerifyFailure::Unknown);
}

Result<Verification> Verifier::judge_child(std::span<const char> secret, UnixTime expiry_time,
                                           std::optional<Auditor::Subject>& subject) {
    Result<OpenedChild> child = open_child(secret, context_.store, scratch_);
    if (!child && child.error().code == Errc::NotFound)
        return refused(VerifyFailure::Unknown);
    if (!child)
        return child.error();
    store::StoredTokenPtr parent = TRY(context_.store.find(child->parent));
    // The gateway's are of imported tokens, and no service of this machine takes those.
    if (child->for_gateway)
        return refused(VerifyFailure::Unknown);
    if (!parent || parent->token.kind != TokenKind::Issued)
        return refused(VerifyFailure::Dead);
    subject = {parent->token.id, parent->token.owner};
    if (child->generation != parent->token.generation)
        return refused(VerifyFailure::Dead);
    if (child->expires <= expiry_time)
        return refused(VerifyFailure::Expired);
    std::optional<ChildClaims> claims =
        TRY(read_claims(std::move(*child), parent->token, context_.store));
    if (!claims)
        return refused(VerifyFailure::Dead);
    return Verification{
        Verified{std::move(parent), std::make_unique<const ChildClaims>(std::move(*claims))}};
}

Result<std::optional<VerifyFailure>> Verifier::judge_request(const Verified& found,
                                                             const VerifyRequest& request,
                                                             UnixTime expiry_time) {
    using Failure = std::optional<VerifyFailure>;
    const Token& token = found.token();
    if (TRY(context_.locks.is_locked(token.owner)))
        return Failure(VerifyFailure::Locked);
    if (is_expired(token, expiry_time))
        return Failure(VerifyFailure::Expired);
    if (!request.user.empty() && request.user != token.owner_name)
        return Failure(VerifyFailure::User);
    if (request.permission && !covers(found.permissions(), *request.permission))
        return Failure(VerifyFailure::Permission);
    if (request.audience && !is_for(found, *request.audience))
        return Failure(VerifyFailure::Audience);
    return Failure();
}

Result<Verification> Verifier::verify(const Caller& caller, std::span<const char> secret,
                                      const VerifyRequest& request) {
    return verify_at(read_clock(), caller, secret, request);
}

void Verifier::verify_many(const Caller& caller, std::span<const std::string_view> secrets,
                           const VerifyRequest& request, Take take, std::function<void()> done) {
    const auto left = std::make_shared<std::span<const std::string_view>>(secrets);
    context_.turns.work(
        caller.uid, [this, caller, left, request, take = std::move(take), done = std::move(done)] {
            const Moment moment = read_clock();
            // The turn's time is asked for more rarely than a step's beginning and end would cost.
            do {
                const auto few = left->first(std::min(left->size(), limits::kSecretsPerStep));
                for (const std::string_view secret : few)
                    take(verify_at(moment, caller, secret, request));
                *left = left->subspan(few.size());
            } while (!left->empty() && context_.turns.has_time());
            if (!left->empty())
                return Turns::Progress::More;
            done();
            return Turns::Progress::Finished;
        });
}

Result<Verification> Verifier::verify_at(const Moment& moment, const Caller& caller,
                                         std::span<const char> secret,
                                         const VerifyRequest& request) {
    const std::string_view text(secret.data(), secret.size());
    std::optional<Auditor::Subject> subject;
    std::optional<store::Tombstone> dead;
    Verification verification = refused(VerifyFailure::Malformed);
    if (const std::optional<TokenId> id = claimed_token_id(text))
        verification = TRY(judge_issued(secret, *id, subject, dead));
    else if (token_shape(text) == TokenShape::Child)
        verification = TRY(judge_child(secret, moment.expiry_time, subject));
    if (verification.valid) {
        if (const auto failure =
                TRY(judge_request(*verification.valid, request, moment.expiry_time)))
            verification = refused(*failure);
    }
    if (verification.valid) {
        context_.auditor.record_verified(caller, verification.valid->token(), request.where,
                                         moment.now);
        return verification;
    }
    context_.auditor.activity().refusals.count(moment.now);
    // A child that outlived its parent's secret is not a copy that somebody kept: no alarm.
    if (dead)
        context_.reuse_alarm.raise(caller, *dead, {"verify", request.where});
    else if (verification.failure != VerifyFailure::Malformed)
        context_.auditor.record_refused(caller, subject, verify_failure_name(verification.failure),
                                        request.where);
    return verification;
}

}  // namespace patd
