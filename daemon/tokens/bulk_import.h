// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "common/base/caller.h"
#include "daemon/context/context.h"
#include "daemon/operation/plan.h"

#include <vector>

namespace patd {

// Keeps many tokens that were made elsewhere with one operation: one step-up, one transaction, and
// in per-user mode a few writes of the keyring instead of one for each token.

// A Plan that asks for the secrets, one per line in the order of `tokens`, each line ended by LF,
// and keeps all of them or none. Commit: InvalidSecret (another number of lines, or one that cannot
// be kept), LimitExceeded. result: ids as. One event for each token; none remains of a commit that
// attempted nothing. `context` must outlive the Plan. Thread rule: the loop's thread; the store is
// changed on the writer.
Plan plan_bulk_import(const Context& context, const Caller& caller, std::vector<Token> tokens);

}  // namespace patd
