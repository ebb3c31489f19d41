// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "daemon/context/context.h"
#include "daemon/release/near_misses.h"

#include <functional>
#include <vector>

namespace patd {

// Looks through all of the caller's tokens, in turns of the caller's uid, for those that come near
// `request` and do not cover it. Calls back once. Errors as TokenStore. What `context` names must
// outlive the turns. Thread rule: the loop's thread.
void search_near_misses(const Context& context, const Caller& caller, const ReleaseRequest& request,
                        std::function<void(Result<std::vector<NearMiss>>)> callback);

}  // namespace patd
