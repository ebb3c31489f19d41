// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "common/base/caller.h"
#include "daemon/release/selection.h"

#include <string>

namespace patd {

// Applies release rules to a request: pure functions around select_token, which is called a second
// time once systemd has identified the caller.

// The unit of a caller not asked about yet: no token with a rule passes.
Result<CallerUnit> unknown_unit();

// Marks a candidate whose rules do not allow `unit`; if that is unknown, any rule refuses.
void check_rules(Candidate& candidate, const Result<CallerUnit>& unit);

// Whether a candidate is refused only by its rules.
bool has_rule_refusal(const Selection& selection);

// What the event of a refusal says: where, and for a rule also which one.
std::string describe_refusal(const Judged& judged, const ReleaseRequest& request);

}  // namespace patd
