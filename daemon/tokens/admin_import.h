// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "common/base/caller.h"
#include "daemon/context/context.h"
#include "daemon/operation/plan.h"
#include "daemon/tokens/new_token.h"

#include <functional>

namespace patd {

// Root gives an account a token that was made elsewhere: no step-up, because root could write the
// store anyway; the event names root as the actor.
// Thread rule: the loop's thread; the store is changed on the writer.

// Resolves request.owner_name to its uid and that uid back to its name; both must be the same
// account, and its uid may own tokens. Calls back once with a Plan that asks for the secret, or
// AccessDenied, Unavailable, or an error of check_room and make_imported. `context` must outlive
// the Plan.
void plan_admin_import(const Context& context, const Caller& root, const NewToken& request,
                       const std::function<void(Result<Plan>)>& callback);

}  // namespace patd
