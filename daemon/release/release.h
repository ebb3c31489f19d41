// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "common/base/caller.h"
#include "common/base/secrets.h"
#include "common/token/token_string.h"
#include "daemon/context/context.h"
#include "daemon/release/selection.h"

#include <functional>
#include <list>
#include <memory>
#include <optional>
#include <string>
#include <utility>

namespace patd {

// What git or a script receives.
struct Released {
    std::string username;
    AuthScheme scheme;            // how the server takes it
    TokenSecret password;         // a child of an issued token, or an imported token's own secret
    UnixTime expires = 0;         // when git must stop using it; 0: never
    ReleaseState state;           // names this answer, without a secret
    std::string what;             // the same for the audit log: the target, and what a child may do
    RefreshToken refresh = {};    // of what git stored; empty: none
    bool is_expired = false;      // there is no password any more; the refresh token gets a new one
    bool is_made_by_git = false;  // git stored it by itself
    SecretKind secret_kind = SecretKind::Text;

    bool is_stored_bearer() const { return is_made_by_git && scheme == AuthScheme::Bearer; }
};

// A judged request. The Selection points into the candidates, so it can be moved but not copied.
// Candidates lack their targets, except for the one target of each that the Selection has.
struct Judgement {
    Judgement(Caller by, ReleaseRequest asked, Result<CallerUnit> of_unit)
        : caller(std::move(by)), request(std::move(asked)), unit(std::move(of_unit)) {}
    Judgement(Judgement&&) = default;
    Judgement& operator=(Judgement&&) = default;
    Judgement(const Judgement&) = delete;

    Caller caller;  // with its unit, if that was asked for and is known
    ReleaseRequest request;
    Result<CallerUnit> unit;          // the one that the rules were checked with
    bool in_one_go = false;           // nobody else had a turn meanwhile: it still holds
    std::list<Candidate> candidates;  // those that cover the request
    Selection selection;
};

// Hands tokens out to their owners: chooses, checks, records, and only then gives the secret. It
// chooses in turns of the caller's uid (daemon/admission/turns.h): at once among a few tokens,
// later among many. If the chosen token changed meanwhile, it is not released, and the choice
// starts over. Must outlive the turns. Thread rule: the loop's thread.
class Releaser {
  public:
    explicit Releaser(const Context& context) : context_(context) {}

    // Calls back once: nothing when no token of the caller's covers the request; else the release,
    // or why there is none (Locked, Expired, Rejected, ConfirmRequired, RuleDenied, Ambiguous,
    // ClockUnknown, InvalidLifetime, ServerRefused, LimitExceeded: more than a child can say,
    // Changing, Unavailable). Where a token is the reason, the context is a sentence for the
    // caller, whose token it is (owner_sentence.h). Of what git stored and is over its time, the
    // refresh token is released alone, for the helper that comes next. A child may do what was
    // asked for and no more, for as long as was asked. A secret that was made elsewhere cannot be
    // narrowed: a ttl only says how long git may keep it.
    using Callback = std::function<void(Result<std::optional<Released>>)>;
    void get(const Caller& caller, const ReleaseRequest& request, const Callback& callback);
    // The locked memory of a released secret, once the answer is written: the next one is put into
    // it, so that no mapping is made for each.
    void take_back(TokenSecret password);

    // The decision of get without its effects: what get would do. systemd is asked for the caller's
    // unit if a rule depends on it, or if RecordUnits= wants it recorded; with `as_unit` the caller
    // is treated as a process of that unit.
    using JudgeCallback = std::function<void(Result<Judgement>)>;
    void judge(const Caller& caller, const ReleaseRequest& request,
               const std::optional<std::string>& as_unit, JudgeCallback callback);

  private:
    struct Judging;

    // The same for a request whose place is the forge's (gateway_place.h).
    void judge_aimed(const Caller& caller, const ReleaseRequest& request,
                     const std::optional<std::string>& as_unit, JudgeCallback callback);

    // get, with that many choices left.
    void choose(const Caller& caller, const ReleaseRequest& request, std::size_t choices,
                const std::shared_ptr<const Callback>& callback);
    bool is_unit_wanted(const Judgement& judgement) const;
    void judge_by_unit(const Judgement& judgement, const std::string& account,
                       const JudgeCallback& callback);
    void judge_for(Judgement begun, const std::string& account, JudgeCallback callback);
    // One step. Returns whether there is more to do.
    Result<bool> judge_step(Judging& judging);
    Candidate make_candidate(const store::StoredToken& stored, bool locked,
                             const Result<CallerUnit>& unit);
    // Whether the chosen token could still be chosen: others had their turn meanwhile.
    Result<bool> is_as_judged(const Judgement& judgement);
    // NotFound: the token is no longer what was judged.
    Result<std::optional<Released>> release(const Judgement& judgement);
    // The refresh token of what git stored; nothing if there is none to give.
    Result<std::optional<Released>> release_refresh_token(const Judgement& judgement);
    bool may_refresh(const Judged& judged, const ReleaseRequest& request) const;
    // Records that nothing is released, and returns the reason.
    Error refuse(const Judgement& judgement, const Judged& judged, Errc why);
    Result<Released> make_released(const Judged& judged, const ReleaseRequest& request);
    Result<Released> open_imported(const Judged& judged, const ReleaseRequest& request);
    Result<Released> derive_child(const Judged& judged, const ReleaseRequest& request);
    SecretBuffer take_room();
    // How long what is released now may live.
    Result<std::chrono::seconds> lifetime_of(const ReleaseRequest& request) const;

    Context context_;
    SecretBuffer scratch_{kChildBytesMax};  // for make_child
    SecretBuffer spare_;                    // wiped; without room if it is in use
};

}  // namespace patd
