// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "daemon/release/release.h"

#include "common/token/derivation.h"
#include "daemon/policy/rule_check.h"
#include "daemon/policy/selection_clock.h"
#include "daemon/release/child_token.h"

#include <algorithm>

namespace patd {
namespace {

// For the audit log: the place, and the exposure through which the request came, if any.
std::string describe_place(const ReleaseRequest& request, const std::string& place) {
    return request.exposed ? "exposed " + request.exposed->id + " " + place : place;
}

UnixTime end_of_exposure(const ReleaseRequest& request) {
    return request.exposed ? request.exposed->ends : 0;
}

// The earlier of two ends; 0 is none.
UnixTime first_end(UnixTime end, UnixTime other) {
    return end == 0 || other == 0 ? std::max(end, other) : std::min(end, other);
}

}  // namespace

Result<std::vector<Candidate>> Releaser::find_candidates(const Caller& caller,
                                                         const ReleaseRequest& request) {
    std::vector<Candidate> candidates;
    const bool locked = TRY(context_.locks.is_locked(caller.uid));
    for (store::StoredToken& stored :
         TRY(context_.store.find_covering(caller.uid, request.origin, request.path))) {
        const bool confirmed = context_.locks.is_open(stored.token.id);
        candidates.push_back({std::move(stored.token), locked, confirmed});
    }
    return candidates;
}

void Releaser::get(const Caller& caller, const ReleaseRequest& request, const Callback& callback) {
    judge(caller, request, std::nullopt, [this, callback](const Result<Judgement>& judgement) {
        if (!judgement)
            return callback(judgement.error());
        callback(release(*judgement));
    });
}

void Releaser::judge(const Caller& caller, const ReleaseRequest& request,
                     const std::optional<std::string>& as_unit, const JudgeCallback& callback) {
    context_.accounts.find_name(
        caller.uid, [this, caller, request, as_unit, callback](const Result<std::string>& account) {
            if (!account)
                return callback(account.error());
            Result<Judgement> judgement = judge_for(
                caller, *account, request,
                as_unit ? Result<CallerUnit>(CallerUnit{*as_unit, false}) : unknown_unit());
            const bool is_wanted =
                judgement && !as_unit &&
                (has_rule_refusal(judgement->selection) ||
                 (context_.state.settings.record_units && !judgement->selection.judged.empty()));
            if (!is_wanted)
                return callback(std::move(judgement));
            // From the start once it is known: by then the tokens may be others.
            context_.units.find(caller, [this, caller, request, callback,
                                         name = *account](const Result<CallerUnit>& unit) {
                callback(judge_for(caller, name, request, unit));
            });
        });
}

Result<Judgement> Releaser::judge_for(const Caller& caller, const std::string& account,
                                      const ReleaseRequest& request,
                                      const Result<CallerUnit>& unit) {
    Judgement judgement(caller, request);
    judgement.candidates = TRY(find_candidates(caller, request));
    // A uid that was given to somebody else does not inherit tokens.
    std::erase_if(judgement.candidates, [&](const Candidate& candidate) {
        return candidate.token.owner_name != account;
    });
    check_rules(judgement.candidates, unit);
    judgement.selection = select_by_clock(judgement.candidates, request, context_.clock);
    if (unit)
        judgement.caller.unit = unit->unit;
    return judgement;
}

Result<std::optional<Released>> Releaser::release(const Judgement& judgement) {
    const UnixTime now = context_.clock.now();
    const Selection& selection = judgement.selection;
    if (selection.refusal)
        return refuse(judgement, refused_one(selection), *selection.refusal);
    if (!selection.released)
        return std::optional<Released>();
    const Judged& judged = selection.judged[*selection.released];
    const TokenId& id = judged.candidate->token.id;
    const Caller& caller = judgement.caller;
    const ReleaseRequest& request = judgement.request;
    Result<Released> released = make_released(judged, request);
    if (!released && released.error().code == Errc::InvalidLifetime)
        return refuse(judgement, judged, Errc::InvalidLifetime);
    if (!released)
        return released.error();
    const std::string place = describe_place(request, judged.target.url());
    TRY(context_.auditor.record(caller, caller.uid, id, "release", "ok", released->what));
    context_.auditor.activity().releases.count(now);
    context_.auditor.note_use(id, {now, caller.uid.value(), "release", place});
    return std::optional<Released>(std::move(*released));
}

Error Releaser::refuse(const Judgement& judgement, const Judged& judged, Errc why) {
    const Caller& caller = judgement.caller;
    context_.auditor.activity().refusals.count(context_.clock.now());
    const Result<void> recorded = context_.auditor.record(
        caller, caller.uid, judged.candidate->token.id, "release", std::string(errc_name(why)),
        describe_place(judgement.request, describe_refusal(judged, judgement.request)));
    return recorded ? Error{why} : recorded.error();
}

Result<Released> Releaser::make_released(const Judged& judged, const ReleaseRequest& request) {
    if (judged.candidate->token.kind == TokenKind::Imported)
        return open_imported(judged, request);
    return derive_child(judged, request);
}

Result<std::chrono::seconds> Releaser::lifetime_of(const ReleaseRequest& request) const {
    const Settings& settings = context_.state.settings;
    if (!request.ttl)
        return std::min(settings.child_token_lifetime, settings.child_token_lifetime_max);
    if (request.ttl->count() < 1 || *request.ttl > settings.child_token_lifetime_max)
        return Errc::InvalidLifetime;
    return *request.ttl;
}

Result<Released> Releaser::open_imported(const Judged& judged, const ReleaseRequest& request) {
    const Token& token = judged.candidate->token;
    UnixTime expires = first_end(token.expires, end_of_exposure(request));
    if (request.ttl)
        expires = first_end(context_.clock.now() + TRY(lifetime_of(request)).count(), expires);
    TokenSecret secret = TRY(context_.store.open_secret(token.id));
    const store::Digest digest = TRY(context_.store.digest(secret.expose()));
    return Released{token.username,
                    judged.target.scheme(),
                    std::move(secret),
                    expires,
                    ReleaseState::of_secret(token.id, digest),
                    describe_place(request, judged.target.url())};
}

Result<Released> Releaser::derive_child(const Judged& judged, const ReleaseRequest& request) {
    const Token& token = judged.candidate->token;
    const UnixTime now = context_.clock.now();
    const UnixTime expires = first_end(first_end(token.expires, end_of_exposure(request)),
                                       now + TRY(lifetime_of(request)).count());
    const ChildClaims claims{
        token.id,      token.generation,
        expires,       request.permissions.empty() ? token.permissions : request.permissions,
        judged.target, request.audience.value_or(judged.target.origin())};
    const Derivation derivation{describe_place(request, judged.target.url()), expires - now,
                                token.generation, format_permissions(claims.permissions)};
    return Released{token.username,
                    judged.target.scheme(),
                    TRY(make_child(claims, context_.store, scratch_)),
                    expires,
                    ReleaseState::of_child(token.id, token.generation, expires),
                    format_derivation(derivation)};
}

}  // namespace patd
