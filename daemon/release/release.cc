// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "daemon/release/release.h"

#include "common/base/limits.h"
#include "common/token/derivation.h"
#include "daemon/release/child_token.h"
#include "daemon/release/gateway_place.h"
#include "daemon/release/owner_sentence.h"
#include "daemon/release/rule_check.h"

#include <algorithm>
#include <memory>
#include <vector>

namespace patd {
namespace {

UnixTime end_of_exposure(const ReleaseRequest& request) {
    return request.exposed ? request.exposed->ends : 0;
}

// The earlier of two ends; 0 means none.
UnixTime first_end(UnixTime end, UnixTime other) {
    return end == 0 || other == 0 ? std::max(end, other) : std::min(end, other);
}

// Whether the two, which are one token at two moments, are the same to whoever gets it.
bool is_same(const Token& a, const Token& b) {
    return a.kind == b.kind && a.generation == b.generation && a.expires == b.expires &&
           a.username == b.username && a.owner_name == b.owner_name && a.confirm == b.confirm &&
           a.permissions == b.permissions && a.rules == b.rules &&
           a.through_gateway == b.through_gateway;
}

// What is held, to read only. A whole area has no such part, and stays.
Result<PermissionList> to_read(const PermissionList& held) {
    std::vector<std::string> texts;
    texts.reserve(held.size());
    for (const Permission& permission : held) {
        std::string text = permission.text();
        const auto colons = std::count(text.begin(), text.end(), ':');
        if (text.ends_with(":rw"))
            text.replace(text.size() - 2, 2, "ro");
        else if (colons == 1)
            text.append(":ro");
        texts.push_back(std::move(text));
    }
    return parse_permissions(texts);
}

Result<PermissionList> permissions_of_child(const Token& token, const ReleaseRequest& request) {
    if (!request.permissions.empty())
        return request.permissions;
    const bool is_within = !request.at_most.empty() && covers(token.permissions, request.at_most);
    const PermissionList& held = is_within ? request.at_most : token.permissions;
    return request.to_read ? to_read(held) : held;
}

}  // namespace

// The state of a request while it is being judged.
struct Releaser::Judging {
    Judging(Judgement begun, std::string of_account, store::Survey tokens, UnixTime now)
        : judgement(std::move(begun)),
          account(std::move(of_account)),
          survey(std::move(tokens)),
          selector(judgement.request, now) {}

    Judgement judgement;
    std::string account;
    bool locked = false;
    bool has_read = false;
    bool had_to_wait = false;
    store::Survey survey;
    Selector selector;
};

void Releaser::get(const Caller& caller, const ReleaseRequest& request, const Callback& callback) {
    choose(caller, request, limits::kChoicesPerGet, std::make_shared<const Callback>(callback));
}

void Releaser::choose(const Caller& caller, const ReleaseRequest& request, std::size_t choices,
                      const std::shared_ptr<const Callback>& callback) {
    if (choices == 0)
        return (*callback)(Errc::Changing);
    judge(caller, request, std::nullopt,
          [this, choices, callback](const Result<Judgement>& judgement) {
              const Result<bool> holds =
                  judgement ? is_as_judged(*judgement) : Result<bool>(judgement.error());
              if (!holds)
                  return (*callback)(holds.error());
              if (*holds) {
                  Result<std::optional<Released>> released = release(*judgement);
                  if (released || released.error().code != Errc::NotFound)
                      return (*callback)(std::move(released));
                  // What is cached may be of before a change that the file has.
                  context_.store.forget(judgement->caller.uid);
              }
              choose(judgement->caller, judgement->request, choices - 1, callback);
          });
}

void Releaser::judge(const Caller& caller, const ReleaseRequest& request,
                     const std::optional<std::string>& as_unit, JudgeCallback callback) {
    const std::optional<Origin>& gateway = context_.state.settings.gateway_origin;
    if (!is_at_gateway(request, gateway))
        return judge_aimed(caller, request, as_unit, std::move(callback));
    const Result<ReleaseRequest> aimed = aim_at_forge(request);
    if (!aimed)
        return callback(aimed.error());
    judge_aimed(caller, *aimed, as_unit, std::move(callback));
}

void Releaser::judge_aimed(const Caller& caller, const ReleaseRequest& request,
                           const std::optional<std::string>& as_unit, JudgeCallback callback) {
    Result<CallerUnit> unit =
        as_unit ? Result<CallerUnit>(CallerUnit{*as_unit, false}) : unknown_unit();
    const auto begun = std::make_shared<Judgement>(caller, request, std::move(unit));
    context_.accounts.find_name(
        caller.uid, [this, begun, asks = !as_unit,
                     callback = std::move(callback)](const Result<std::string>& account) {
            if (!account)
                return callback(account.error());
            judge_for(std::move(*begun), *account,
                      [this, asks, account = *account, callback](Result<Judgement> judgement) {
                          if (!judgement || !asks || !is_unit_wanted(*judgement))
                              return callback(std::move(judgement));
                          judge_by_unit(*judgement, account, callback);
                      });
        });
}

bool Releaser::is_unit_wanted(const Judgement& judgement) const {
    return has_rule_refusal(judgement.selection) ||
           (context_.state.settings.record_units && !judgement.selection.judged.empty());
}

// Starts over once the unit is known: by then the tokens may have changed.
void Releaser::judge_by_unit(const Judgement& judgement, const std::string& account,
                             const JudgeCallback& callback) {
    context_.units.find(judgement.caller,
                        [this, caller = judgement.caller, request = judgement.request, account,
                         callback](const Result<CallerUnit>& unit) {
                            judge_for(Judgement(caller, request, unit), account, callback);
                        });
}

void Releaser::judge_for(Judgement begun, const std::string& account, JudgeCallback callback) {
    const Uid uid = begun.caller.uid;
    const Result<bool> locked = context_.locks.is_locked(uid);
    if (!locked)
        return callback(locked.error());
    if (begun.unit)
        begun.caller.unit = begun.unit->unit;
    store::Survey survey =
        context_.store.survey_covering(uid, begun.request.origin, begun.request.path);
    const auto judging = std::make_shared<Judging>(std::move(begun), account, std::move(survey),
                                                   context_.clock.expiry_time());
    judging->locked = *locked;
    context_.turns.work(uid, [this, judging, callback = std::move(callback)] {
        const Result<bool> more = judge_step(*judging);
        if (more && *more)
            return Turns::Progress::More;
        if (more)
            callback(std::move(judging->judgement));
        else
            callback(more.error());
        return Turns::Progress::Finished;
    });
    judging->had_to_wait = true;
}

Candidate Releaser::make_candidate(const store::StoredToken& stored, bool locked,
                                   const Result<CallerUnit>& unit) {
    Candidate candidate{stored.token, locked};
    candidate.verifier = stored.verifier;
    candidate.confirmed = context_.locks.is_open(candidate.token.id);
    check_rules(candidate, unit);
    return candidate;
}

Result<bool> Releaser::judge_step(Judging& judging) {
    Judgement& judgement = judging.judgement;
    const auto take = [&](const store::StoredToken& stored) {
        // A uid that was given to somebody else does not inherit tokens.
        if (stored.token.owner_name != judging.account)
            return;
        judgement.candidates.push_back(make_candidate(stored, judging.locked, judgement.unit));
        if (judging.selector.add(judgement.candidates.back()))
            judgement.candidates.back().token.targets = TargetList();
        else
            judgement.candidates.pop_back();
    };
    if (!judging.has_read && TRY(judging.survey.step(take)))
        return true;
    judging.has_read = true;
    if (judging.selector.step())
        return true;
    judgement.selection = judging.selector.take();
    apply_clock_trust(judgement.selection, context_.clock);
    judgement.in_one_go = !judging.had_to_wait;
    return false;
}

Result<bool> Releaser::is_as_judged(const Judgement& judgement) {
    if (!judgement.selection.released || judgement.in_one_go)
        return true;
    const Judged& chosen = judgement.selection.judged[*judgement.selection.released];
    const Token& token = chosen.candidate->token;
    const store::StoredTokenPtr found = TRY(context_.store.find(token.id));
    if (!found)
        return false;
    const bool locked = TRY(context_.locks.is_locked(judgement.caller.uid));
    const std::vector<Candidate> alone{make_candidate(*found, locked, judgement.unit)};
    Selection again = select_token(alone, judgement.request, context_.clock.expiry_time());
    apply_clock_trust(again, context_.clock);
    return again.released && again.judged.front().target == chosen.target &&
           is_same(found->token, token);
}

void Releaser::take_back(TokenSecret password) {
    SecretBuffer buffer = password.take();
    buffer.wipe();
    // Only a child's own, which most secrets fit into: one size for all.
    if (buffer.capacity() == kChildBytesMax)
        spare_ = std::move(buffer);
}

Result<std::optional<Released>> Releaser::release(const Judgement& judgement) {
    const UnixTime now = context_.clock.now();
    const Selection& selection = judgement.selection;
    if (selection.refusal)
        return refuse(judgement, refused_one(selection), *selection.refusal);
    if (!selection.released)
        return release_refresh_token(judgement);
    const Judged& judged = selection.judged[*selection.released];
    const TokenId& id = judged.candidate->token.id;
    const Caller& caller = judgement.caller;
    const ReleaseRequest& request = judgement.request;
    Result<Released> released = make_released(judged, request);
    if (!released && (released.error().code == Errc::InvalidLifetime ||
                      released.error().code == Errc::LimitExceeded))
        return refuse(judgement, judged, released.error().code);
    if (!released)
        return released.error();
    const std::string place = describe_place(request, judged.target.url());
    TRY(context_.auditor.record_release(caller, id, "ok", released->what));
    context_.auditor.activity().releases.count(now);
    context_.auditor.note_use(id, {now, caller.uid.value(), "release", place});
    return std::optional<Released>(std::move(*released));
}

Error Releaser::refuse(const Judgement& judgement, const Judged& judged, Errc why) {
    const Caller& caller = judgement.caller;
    context_.auditor.activity().refusals.count(context_.clock.now());
    const Result<void> recorded = context_.auditor.record_release(
        caller, judged.candidate->token.id, std::string(errc_name(why)),
        describe_place(judgement.request, describe_refusal(judged, judgement.request)));
    if (!recorded)
        return recorded.error();
    // Who is behind an exposure owns no token.
    return judgement.request.exposed
               ? Error(why)
               : Error{why, owner_sentence(judgement, judged, why,
                                           context_.state.settings.child_token_lifetime_max)};
}

bool Releaser::may_refresh(const Judged& judged, const ReleaseRequest& request) const {
    const Candidate& candidate = *judged.candidate;
    const Token& token = candidate.token;
    const std::int64_t longest = context_.state.settings.token_lifetime_max.count();
    // It outlives an exposure, a requested lifetime, and an admin's limits.
    return is_gone(judged) && judged.refusal == Errc::Expired && token.refresh_bytes > 0 &&
           !candidate.rule_refusal && (token.confirm == Confirm::Never || candidate.confirmed) &&
           !request.exposed && !request.ttl &&
           (longest == 0 || token.created + longest > context_.clock.expiry_time());
}

Result<std::optional<Released>> Releaser::release_refresh_token(const Judgement& judgement) {
    const Judged* latest = nullptr;
    for (const Judged& judged : judgement.selection.judged) {
        if (may_refresh(judged, judgement.request) &&
            (latest == nullptr ||
             latest->candidate->token.created <= judged.candidate->token.created))
            latest = &judged;
    }
    if (latest == nullptr)
        return std::optional<Released>();
    const Token& token = latest->candidate->token;
    const store::StoredTokenPtr found = TRY(context_.store.find(token.id));
    // Like is_as_judged for a secret.
    if (!found || !is_same(found->token, token) || found->token.state != TokenState::Active ||
        TRY(context_.locks.is_locked(judgement.caller.uid)))
        return std::optional<Released>();
    Released released{token.username,
                      latest->target.scheme(),
                      TokenSecret(),
                      token.expires,
                      ReleaseState::of_secret(token.id, found->verifier),
                      {}};
    released.refresh =
        TRY(context_.store.open_imported(token.id, found->verifier, SecretBuffer())).refresh;
    released.is_expired = true;
    released.is_made_by_git = true;
    TRY(context_.auditor.record_release(judgement.caller, token.id, "ok",
                                        latest->target.url() + " refresh token"));
    return std::optional<Released>(std::move(released));
}

Result<Released> Releaser::make_released(const Judged& judged, const ReleaseRequest& request) {
    if (gives_children(judged.candidate->token))
        return derive_child(judged, request);
    return open_imported(judged, request);
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
    store::ImportedSecret opened =
        TRY(context_.store.open_imported(token.id, judged.candidate->verifier, take_room()));
    // An exposure ends, or a lifetime was requested: the refresh token would outlive both.
    if (request.exposed || request.ttl)
        opened.refresh = RefreshToken();
    return Released{token.username,
                    judged.target.scheme(),
                    std::move(opened.secret),
                    expires,
                    ReleaseState::of_secret(token.id, opened.digest),
                    describe_place(request, judged.target.url()),
                    std::move(opened.refresh),
                    false,
                    is_stored_by_git(token),
                    token.secret_kind};
}

SecretBuffer Releaser::take_room() {
    return spare_.capacity() > 0 ? std::move(spare_) : SecretBuffer(kChildBytesMax);
}

Result<Released> Releaser::derive_child(const Judged& judged, const ReleaseRequest& request) {
    const Token& token = judged.candidate->token;
    const UnixTime now = context_.clock.now();
    const UnixTime expires = first_end(first_end(token.expires, end_of_exposure(request)),
                                       now + TRY(lifetime_of(request)).count());
    const ChildClaims claims{token.id,
                             token.generation,
                             expires,
                             TRY(permissions_of_child(token, request)),
                             judged.target,
                             request.audience.value_or(judged.target.origin()),
                             token.through_gateway};
    const Derivation derivation{describe_place(request, judged.target.url()), expires - now,
                                token.generation, format_permissions(claims.permissions)};
    // The candidate was kept without its targets.
    const store::StoredTokenPtr parent = TRY(context_.store.find(token.id));
    if (!parent)
        return Errc::NotFound;
    SecretBuffer room = take_room();
    Result<TokenSecret> child =
        make_child(claims, parent->token, context_.store, ChildRoom{scratch_, std::move(room)});
    // Edited at this very moment: what was judged no longer exists.
    if (!child && (child.error().code == Errc::InvalidTarget ||
                   child.error().code == Errc::InvalidPermission))
        return Errc::NotFound;
    if (!child)
        return child.error();
    // The gateway takes a password, however the forge takes the secret.
    return Released{token.username,
                    token.through_gateway ? AuthScheme::Basic : judged.target.scheme(),
                    std::move(*child),
                    expires,
                    ReleaseState::of_child(token.id, token.generation, expires),
                    format_derivation(derivation)};
}

}  // namespace patd
