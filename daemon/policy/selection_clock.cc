// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "daemon/policy/selection_clock.h"

namespace patd {
namespace {

bool needs_the_time(const Judged& judged) {
    if (judged.verdict == Verdict::Refused)
        return judged.refusal == Errc::Expired;
    return judged.verdict == Verdict::Released && judged.candidate->token.kind == TokenKind::Issued;
}

}  // namespace

Selection select_by_clock(const std::vector<Candidate>& candidates, const ReleaseRequest& request,
                          const Clock& clock) {
    Selection selection = select_token(candidates, request, clock.expiry_time());
    if (clock.trust() != ClockTrust::Unknown)
        return selection;
    if (selection.released && needs_the_time(selection.judged[*selection.released])) {
        selection.released.reset();
        selection.refusal = Errc::ClockUnknown;
    }
    if (selection.refusal == Errc::Expired)
        selection.refusal = Errc::ClockUnknown;
    for (Judged& judged : selection.judged) {
        if (!needs_the_time(judged))
            continue;
        judged.verdict = Verdict::Refused;
        judged.refusal = Errc::ClockUnknown;
    }
    return selection;
}

}  // namespace patd
