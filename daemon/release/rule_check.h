// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "common/base/caller.h"
#include "daemon/release/selection.h"

#include <string>

namespace patd {

// What release rules make of a request: pure functions around select_token, which is asked a second
// time once systemd has said who calls.

// Of whoever was not asked for yet: no token with a rule passes.
Result<CallerUnit> unknown_unit();

// Marks a candidate whose rules do not let `unit` through: when that is not known, any rule.
void check_rules(Candidate& candidate, const Result<CallerUnit>& unit);

// Whether a candidate is refused by its rules alone.
bool has_rule_refusal(const Selection& selection);

// What the event of a refusal says: where, and for a rule also which.
std::string describe_refusal(const Judged& judged, const ReleaseRequest& request);

}  // namespace patd
