// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "daemon/upkeep/witness_talk.h"

#include "common/base/witness_limits.h"

#include <algorithm>
#include <utility>

namespace patd {

using store::Witness;

void WitnessTalk::hold(WitnessOutcome& outcome) {
    const std::optional<TpmCount> from = look(outcome.count);
    if (outcome.count.verdict == CountVerdict::Lost ||
        outcome.count.verdict == CountVerdict::PutBack)
        return;
    std::optional<TpmCount> to = from;
    if (to)
        ++to->value;
    const Result<Witness> kept = keep(from ? to : witness.count);
    outcome.kept = kept ? Result<void>() : kept.error();
    if (!kept)
        return;
    outcome.named = kept->count;
    outcome.made = kept->counted;
    // An earlier try may have been kept, with the count of before.
    if (to && kept->count == to)
        outcome.count.counted = raise(*to, outcome.count);
}

Result<TpmCount> WitnessTalk::read() const {
    if (looked)
        return *looked;
    const WitnessDeadline soon = std::chrono::steady_clock::now() + limits::kCounterLook;
    return counter.read(std::min(soon, end));
}

std::optional<TpmCount> WitnessTalk::look(CountOutcome& outcome) const {
    if (!counts)
        return std::nullopt;
    const Result<TpmCount>& said = outcome.said.emplace(read());
    if (!said)
        return std::nullopt;
    outcome.verdict = compare_counts(witness.count, *said);
    switch (outcome.verdict) {
        case CountVerdict::Fits:
        case CountVerdict::Begins:
            return *said;
        case CountVerdict::Short:
            return raise(*witness.count, outcome) ? witness.count : std::nullopt;
        case CountVerdict::Lost:
        case CountVerdict::PutBack:
            break;
    }
    return std::nullopt;
}

bool WitnessTalk::raise(const TpmCount& to, CountOutcome& outcome) const {
    ++outcome.steps;
    const Result<void> raised = counter.raise(to, end);
    if (!raised)
        outcome.refusal = raised.error();
    return raised.has_value();
}

Result<Witness> WitnessTalk::keep(const std::optional<TpmCount>& count) {
    if (!key)
        return key.error();
    Witness next = witness;
    next.count = count;
    if (count != witness.count)
        next.counted = now;
    const Result<void> written = auth.write(TRY(store::format_witness(next, *key)), end);
    if (written)
        return next;
    if (written.error().code != Errc::OutOfOrder)
        return written.error();
    return find_kept(next);
}

// It has it already, where an earlier answer came too late; perhaps with another count.
Result<Witness> WitnessTalk::find_kept(const Witness& wanted) {
    Witness found = TRY(store::parse_witness(TRY(auth.read(end)), *key));
    const std::optional<TpmCount> count = std::exchange(found.count, wanted.count);
    const UnixTime counted = std::exchange(found.counted, wanted.counted);
    if (found != wanted)
        return Error{Errc::OutOfOrder, "patd-auth has another witness"};
    found.count = count;
    found.counted = counted;
    return found;
}

}  // namespace patd
