// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "daemon/operation/plan.h"
#include "daemon/release/verify.h"

namespace patd {

// Manager.Verify as an operation without step-up: the token comes through a sink, Commit answers.
// Options as in org.patd.Tokens1.xml. UnknownOption, InvalidPermission, InvalidTarget.
Result<Plan> make_verify_plan(Verifier& verifier, const Caller& caller, bus::Dict options);

}  // namespace patd
