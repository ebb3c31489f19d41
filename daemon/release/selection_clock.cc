// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "daemon/release/selection_clock.h"

namespace patd {
namespace {

bool needs_the_time(const Judged& judged) {
    if (judged.verdict == Verdict::Refused)
        return judged.refusal == Errc::Expired;
    return judged.verdict == Verdict::Released && judged.candidate->token.kind == TokenKind::Issued;
}

}  // namespace

void mind_the_clock(Selection& selection, const Clock& clock) {
    if (clock.trust() != ClockTrust::Unknown)
        return;
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
}

}  // namespace patd
