// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "daemon/release.h"

#include "daemon/child_token.h"
#include "daemon/rule_check.h"

#include <algorithm>

namespace patd {

Result<std::vector<Candidate>> Releaser::find_candidates(const Caller& caller,
                                                         const ReleaseRequest& request) {
    std::vector<Candidate> candidates;
    const bool locked = TRY(context_.locks.is_locked(caller.uid));
    for (store::StoredToken& stored :
         TRY(context_.store.find_by_origin(caller.uid, request.origin))) {
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
    judgement.selection = select_token(judgement.candidates, request, context_.clock.now());
    if (unit)
        judgement.caller.unit = unit->unit;
    return judgement;
}

Result<std::optional<Released>> Releaser::release(const Judgement& judgement) {
    const UnixTime now = context_.clock.now();
    const Caller& caller = judgement.caller;
    const Selection& selection = judgement.selection;
    if (selection.refusal) {
        context_.auditor.activity().refusals.count(now);
        const Judged& refused = refused_one(selection);
        TRY(context_.auditor.record(caller, caller.uid, refused.candidate->token.id, "release",
                                    std::string(errc_name(*selection.refusal)),
                                    describe_refusal(refused, judgement.request)));
        return *selection.refusal;
    }
    if (!selection.released)
        return std::optional<Released>();
    const Judged& judged = selection.judged[*selection.released];
    Released released = TRY(make_released(judged, now));
    const TokenId& id = judged.candidate->token.id;
    TRY(context_.auditor.record(caller, caller.uid, id, "release", "ok", judged.target.text()));
    context_.auditor.activity().releases.count(now);
    context_.auditor.note_use(id, {now, caller.uid.value(), "release", judged.target.text()});
    return std::optional<Released>(std::move(released));
}

Result<Released> Releaser::make_released(const Judged& judged, UnixTime now) {
    const Token& token = judged.candidate->token;
    if (token.kind == TokenKind::Imported)
        return Released{token.username, TRY(context_.store.open_secret(token.id)), token.expires};
    UnixTime expires = now + context_.state.settings.child_token_lifetime.count();
    if (token.expires != 0)
        expires = std::min(expires, token.expires);
    const ChildClaims claims{token.id,          token.generation, expires,
                             token.permissions, judged.target,    judged.target.origin()};
    return Released{token.username, TRY(make_child(claims, context_.store)), expires};
}

}  // namespace patd
