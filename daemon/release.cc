// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "daemon/release.h"

#include "daemon/child_token.h"

#include <algorithm>

namespace patd {
namespace {

// For the audit log: the place, and the exposure through which the request came, if any.
std::string describe_place(const ReleaseRequest& request, const std::string& place) {
    return request.exposed ? "exposed " + request.exposed->id + " " + place : place;
}

// The earlier of two ends of validity; 0 is never.
UnixTime earlier(UnixTime a, UnixTime b) {
    return a == 0 || b == 0 ? std::max(a, b) : std::min(a, b);
}

}  // namespace

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
    const Selection selection = select_token(candidates, request, now);
    if (selection.refusal) {
        context_.auditor.activity().refusals.count(now);
        TRY(context_.auditor.record(caller, caller.uid,
                                    selection.judged.front().candidate->token.id, "release",
                                    std::string(errc_name(*selection.refusal)),
                                    describe_place(request, request.origin.text())));
        return *selection.refusal;
    }
    if (!selection.released)
        return std::optional<Released>();
    const Judged& judged = selection.judged[*selection.released];
    Released released = TRY(make_released(judged, request, now));
    const TokenId& id = judged.candidate->token.id;
    const std::string place = describe_place(request, judged.target.text());
    TRY(context_.auditor.record(caller, caller.uid, id, "release", "ok", place));
    context_.auditor.activity().releases.count(now);
    context_.auditor.note_use(id, {now, caller.uid.value(), "release", place});
    return std::optional<Released>(std::move(released));
}

Result<Released> Releaser::make_released(const Judged& judged, const ReleaseRequest& request,
                                         UnixTime now) {
    const Token& token = judged.candidate->token;
    const UnixTime latest = earlier(token.expires, request.exposed ? request.exposed->ends : 0);
    if (token.kind == TokenKind::Imported)
        return Released{token.username, TRY(context_.store.open_secret(token.id)), latest};
    const UnixTime expires =
        earlier(latest, now + context_.state.settings.child_token_lifetime.count());
    const ChildClaims claims{token.id,          token.generation, expires,
                             token.permissions, judged.target,    judged.target.origin()};
    return Released{token.username, TRY(make_child(claims, context_.store)), expires};
}

Result<Selection> Releaser::explain(const Caller& caller, const ReleaseRequest& request,
                                    std::vector<Candidate>& candidates) {
    candidates = TRY(find_candidates(caller, request));
    return select_token(candidates, request, context_.clock.now());
}

}  // namespace patd
