// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "common/base/clock.h"
#include "common/token/token.h"
#include "daemon/release/narrowest.h"
#include "daemon/release/release_state.h"

#include <chrono>
#include <optional>
#include <string>
#include <vector>

namespace patd {

// What an exposure (daemon/exposure/exposures.h) narrows a release to.
struct Exposed {
    std::string id;
    std::vector<TokenId> only;  // these tokens and no other
    UnixTime ends = 0;          // what is released is valid until then at most
};

// What git or a script asks for. All but ttl and refused narrow which token is released;
// permissions, ttl and audience also what a child of it may do, for how long, and at which server.
struct ReleaseRequest {
    Origin origin;
    std::string path;                     // "" when none was sent
    std::optional<std::string> username;  // narrows when it was sent
    bool has_odd_path = false;            // one was sent that no target can have
    PermissionList permissions = {};      // what must be possible; empty: not asked
    std::optional<Origin> audience = {};  // one of the token's own; else the target's origin
    std::optional<std::chrono::seconds> ttl = {};  // else ChildTokenLifetime=
    std::optional<ReleaseState> refused = {};      // what a server refused in this git command
    std::optional<Exposed> exposed = {};           // the exposure through which it came
    std::string tool = {};     // which asks, as it says; for the audit log, "" for git
    bool takes_bearer = true;  // git before 2.46 has no word for what a newer one stored
};

// For the audit log: `place`, and before it the exposure through which the request came and the
// tool that asks, where there are such.
std::string describe_place(const ReleaseRequest& request, const std::string& place);

// A token of the caller's that could fit, and what speaks for it.
struct Candidate {
    Token token;
    bool locked = false;                    // the owner's tokens are locked
    bool confirmed = false;                 // opened by `patctl unlock ID --for ...`
    std::optional<Errc> rule_refusal = {};  // what its release rules say of the caller
};

enum class Verdict {
    Released,         // this one
    ShorterPath,      // another one names the place more exactly
    MorePermissions,  // another one suffices with less
    MadeByGit,        // git stored it by itself, and another one was made on purpose
    Older,            // as MadeByGit, of two that git stored: the other one came later
    Tied,             // another one fits equally well
    LacksPermission,  // it may not do what is asked, or nobody knows whether it may
    OtherAudience,    // it has no target at the audience that is asked for
    Refused,          // it fits but may not be released: `refusal` says why
};

struct Judged {
    const Candidate* candidate;
    Target target;  // its target that covers the request best
    Verdict verdict = Verdict::Refused;
    Errc refusal = Errc::NotFound;
};

struct Selection {
    // Every candidate that covers the request, in the order given.
    std::vector<Judged> judged;
    // Index into `judged` of the one to release; unset when none is.
    std::optional<std::size_t> released;
    // Why none is, although some cover the request; unset when none covers it, and for what git
    // stored by itself and may ask for anew.
    std::optional<Errc> refusal;
};

// The order of docs/line-protocol.md, without I/O: `username`, permissions and audience narrow;
// longest path prefix; of those left, the fewest permissions; a tie is refused. A token that may
// not be released (locked, expired, rejected, to be confirmed, not to this unit, refused by the
// server) loses to one that may; alone, it is the reason why nothing is released. What git stored
// by itself lives by git's rules (docs/adr/0021): it loses to whatever was made on purpose, of two
// of them the later one is released, and one that a server refused or whose time is over is as if
// it were not there. An imported token cannot be narrowed, so that one without a list of
// permissions is not good for any.
//
// How much there is to choose from is its owner's doing, so it is done in steps of a bounded size:
// one add for each candidate, then step until that says false, then take.
class Selector {
  public:
    // `request` must outlive it.
    Selector(const ReleaseRequest& request, UnixTime now) : request_(request), now_(now) {}

    // False: it does not cover the request, and is not needed any more. Else it must stay where it
    // is, and of the token all but its targets as it is.
    bool add(const Candidate& candidate);
    // Whether there is more to do.
    bool step();
    // The Judged point to the candidates.
    Selection take();

  private:
    void yield_to_made_on_purpose();
    void keep_longest_path();

    const ReleaseRequest& request_;
    UnixTime now_;
    Selection selection_;
    bool has_group_ = false;
    std::vector<std::size_t> group_;  // in selection_.judged: those with the longest path
    Narrowest narrowest_;             // of their permissions
};

// The same at one go. The Judged point into `candidates`.
Selection select_token(const std::vector<Candidate>& candidates, const ReleaseRequest& request,
                       UnixTime now);

// What a choice by `clock.expiry_time()` becomes where the clock does not know the time: what
// expires is refused as ClockUnknown, and so is an issued token, for its child would expire too,
// and nobody would believe it.
void mind_the_clock(Selection& selection, const Clock& clock);

// The one that `refusal` is about, or the first of a tie; it must be set.
const Judged& refused_one(const Selection& selection);

// Of what git stored by itself: refused by a server, or over its time.
bool is_gone(const Judged& judged);

std::string_view verdict_name(const Judged& judged);

}  // namespace patd
