// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "cli/doctor/findings.h"
#include "cli/doctor/machine.h"
#include "common/client/dictionary.h"

#include <vector>

namespace patd::cli::doctor {

// The user's git, as he runs it here: its version, and what git itself says of whom it asks for
// each place in question (where a token of his is for, and what has helpers of its own): other
// helpers that keep a copy, places for which it does not ask patd, a helper of patd's that is not
// there, and whether it asks with a path where a token is bound to one. Without git there is
// nothing to find.
void check_git(const Machine& machine, const std::vector<client::Dictionary>& tokens,
               Findings& findings);

}  // namespace patd::cli::doctor
