// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "common/token/token.h"

#include <optional>
#include <string>
#include <vector>

namespace patd {

// What git or a script asks for.
struct ReleaseRequest {
    Origin origin;
    std::string path;                     // "" when none was sent
    std::optional<std::string> username;  // narrows when it was sent
    PermissionList permissions = {};      // what must be possible; empty: not asked
};

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
    Tied,             // another one fits equally well
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
    // Why none is, although some cover the request; unset when none covers it.
    std::optional<Errc> refusal;
};

// DESIGN's order, as a pure function: longest path prefix; of those left, the fewest permissions; a
// tie is refused. A token that may not be released (locked, expired, rejected, to be confirmed, not
// to this unit) loses to one that may; alone, it is the reason why nothing is released. The Judged
// point into `candidates`.
Selection select_token(const std::vector<Candidate>& candidates, const ReleaseRequest& request,
                       UnixTime now);

// The one that `refusal` is about, or the first of a tie; it must be set.
const Judged& refused_one(const Selection& selection);

std::string_view verdict_name(const Judged& judged);

}  // namespace patd
