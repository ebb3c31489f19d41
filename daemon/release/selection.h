// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "common/base/clock.h"
#include "common/base/digest.h"
#include "common/token/token.h"
#include "daemon/release/narrowest.h"
#include "daemon/release/release_state.h"

#include <chrono>
#include <optional>
#include <string>
#include <vector>

namespace patd {

// How an exposure (daemon/exposure/exposures.h) narrows a release.
struct Exposed {
    std::string id;
    std::vector<TokenId> only;  // only these tokens
    UnixTime ends = 0;          // the latest end of what is released
};

// What git or a script asks for. permissions, path and the like narrow which token is released;
// permissions, ttl and audience also limit what its child may do, for how long, and at which
// server.
struct ReleaseRequest {
    Origin origin;
    std::string path;                     // "" if none was sent
    std::optional<std::string> username;  // narrows if it was sent
    bool has_odd_path = false;            // one was sent that no target can have
    PermissionList permissions = {};      // what must be possible; empty: anything
    std::optional<Origin> audience = {};  // one of the token's own; else the target's origin
    std::optional<std::chrono::seconds> ttl = {};  // else ChildTokenLifetime=
    // These two narrow a child, but not the choice: what is asked is left out where it does not
    // apply.
    bool to_read = false;                      // of what the token may write, only to read it
    PermissionList at_most = {};               // only these, if the token may do them
    std::optional<ReleaseState> refused = {};  // what a server refused in this git command
    std::optional<Exposed> exposed = {};       // the exposure through which it came
    std::string tool = {};                     // which asks, as it says; "" for git
    SecretKind takes = SecretKind::Text;       // whose secrets it takes, beside plain ones
    // Asked at the gateway: origin and path are those of the forge behind it (gateway_place.h).
    std::optional<Origin> gateway = {};
    bool takes_bearer = true;  // git before 2.46 has no word for what a newer one stored
};

// For the audit log: `place`, and before it the exposure through which the request came, the tool
// that asks, and the gateway, where there are such.
std::string describe_place(const ReleaseRequest& request, const std::string& place);

// A token of the caller's that could fit, and what speaks for it.
struct Candidate {
    Token token;
    bool locked = false;                    // the owner's tokens are locked
    bool confirmed = false;                 // opened by `patctl unlock ID --for ...`
    std::optional<Errc> rule_refusal = {};  // why its release rules refuse the caller
    Digest verifier = {};                   // of the secret that it had when it was read
};

enum class Verdict {
    Released,         // this one
    ShorterPath,      // another one names the place more exactly
    MorePermissions,  // another one suffices with fewer
    MadeByGit,        // git stored it by itself, and another one was made on purpose
    Older,            // like MadeByGit, for two that git stored: the other one is newer
    OtherTool,        // like MadeByGit, but for another tool than the one that asks (stored_by.h)
    Tied,             // another one fits equally well
    LacksPermission,  // it may not do what is asked, or nobody knows whether it may
    OtherAudience,    // it has no target at the requested audience
    Refused,          // it fits but may not be released: `refusal` says why
};

struct Judged {
    const Candidate* candidate;
    Target target;  // its target that covers the request best
    Verdict verdict = Verdict::Refused;
    Errc refusal = Errc::NotFound;
};

struct Selection {
    // Every candidate that covers the request, in the given order.
    std::vector<Judged> judged;
    // Index into `judged` of the one to release; unset if none is.
    std::optional<std::size_t> released;
    // Why none is released, although some cover the request. Unset if none covers it, and for what
    // git stored by itself and may ask for again.
    std::optional<Errc> refusal;
};

// The order of docs/line-protocol.md, without I/O: `username`, permissions and audience narrow; the
// longest path prefix wins; among those left, the fewest permissions; a tie is refused. A token
// that may not be released (locked, expired, rejected, needs confirmation, not for this unit,
// refused by the server) loses to one that may; alone, it gives the reason why nothing is released.
// What git stored by itself follows git's rules (docs/adr/0021): it loses to any token made on
// purpose, the newer of two is released, and one that a server refused or that has expired counts
// as absent; and what one tool stored, no other one gets, nor git. An imported token cannot be
// narrowed, so one without a list of permissions satisfies none.
//
// The owner decides how much there is to choose from, so the work is done in steps of a bounded
// size: one add for each candidate, then step until that returns false, then take.
class Selector {
  public:
    // `request` must outlive it.
    Selector(const ReleaseRequest& request, UnixTime now) : request_(request), now_(now) {}

    // False: it does not cover the request, and is not needed any more. Otherwise it must stay
    // where it is, and its token, except for its targets, unchanged.
    bool add(const Candidate& candidate);
    // Returns whether there is more to do.
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

// The same in one go. The Judged point into `candidates`.
Selection select_token(const std::vector<Candidate>& candidates, const ReleaseRequest& request,
                       UnixTime now);

// Adjusts a choice made with `clock.expiry_time()` if the clock does not know the time: anything
// that expires is refused as ClockUnknown, and so is an issued token, because its child would
// expire too, and no service would accept it.
void apply_clock_trust(Selection& selection, const Clock& clock);

// The one that `refusal` is about, or the first of a tie; `refusal` must be set.
const Judged& refused_one(const Selection& selection);

// Of what git stored by itself: refused by a server, or expired.
bool is_gone(const Judged& judged);

std::string_view verdict_name(const Judged& judged);

}  // namespace patd
