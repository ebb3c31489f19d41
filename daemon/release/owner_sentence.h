// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "daemon/release/release.h"

#include <chrono>
#include <string>

namespace patd {

// Whether this is a reason that one token gives; then the context of Releaser's error is its
// owner_sentence. All other contexts are for the journal.
bool is_of_a_token(Errc why);

// Why nothing was released, for the owner of the tokens, who is the caller: WHAT: WHY, then the
// command that helps, with the token's id, its description and the place in it. "" where the fixed
// sentence of `why` says it all. `lifetime_max`: of a child. Pure.
std::string owner_sentence(const Judgement& judgement, const Judged& judged, Errc why,
                           std::chrono::seconds lifetime_max);

}  // namespace patd
