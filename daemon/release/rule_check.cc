// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "daemon/release/rule_check.h"

#include <algorithm>

namespace patd {
namespace {

bool is_refused_by_rule(const Judged& judged) {
    return judged.verdict == Verdict::Refused && judged.candidate->rule_refusal == judged.refusal;
}

}  // namespace

Result<CallerUnit> unknown_unit() {
    return Errc::Unavailable;
}

void check_rules(Candidate& candidate, const Result<CallerUnit>& unit) {
    candidate.rule_refusal.reset();
    if (candidate.token.rules.empty())
        return;
    if (!unit)
        candidate.rule_refusal = unit.error().code;
    else if (!candidate.token.rules.allow(unit->unit))
        candidate.rule_refusal = Errc::RuleDenied;
}

bool has_rule_refusal(const Selection& selection) {
    return std::any_of(selection.judged.begin(), selection.judged.end(), is_refused_by_rule);
}

std::string describe_refusal(const Judged& judged, const ReleaseRequest& request) {
    std::string where = request.origin.text();
    if (is_refused_by_rule(judged))
        where += " only for " + judged.candidate->token.rules.text();
    return where;
}

}  // namespace patd
