// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "daemon/release.h"

#include "daemon/child_token.h"
#include "daemon/selection_clock.h"

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
    context_.accounts.find_name(
        caller.uid, [this, caller, request, callback](const Result<std::string>& account) {
            if (!account)
                return callback(account.error());
            callback(release(caller, *account, request));
        });
}

Result<std::optional<Released>> Releaser::release(const Caller& caller, const std::string& account,
                                                  const ReleaseRequest& request) {
    std::vector<Candidate> candidates = TRY(find_candidates(caller, request));
    // A uid that was given to somebody else does not inherit tokens.
    std::erase_if(candidates, [&](const Candidate& candidate) {
        return candidate.token.owner_name != account;
    });
    const UnixTime now = context_.clock.now();
    const Selection selection = select_by_clock(candidates, request, context_.clock);
    if (selection.refusal) {
        context_.auditor.activity().refusals.count(now);
        TRY(context_.auditor.record(
            caller, caller.uid, selection.judged.front().candidate->token.id, "release",
            std::string(errc_name(*selection.refusal)), request.origin.text()));
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

Result<Selection> Releaser::explain(const Caller& caller, const ReleaseRequest& request,
                                    std::vector<Candidate>& candidates) {
    candidates = TRY(find_candidates(caller, request));
    return select_by_clock(candidates, request, context_.clock);
}

}  // namespace patd
