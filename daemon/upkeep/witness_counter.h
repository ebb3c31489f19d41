// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "common/base/clock.h"
#include "common/base/result.h"
#include "common/base/tpm_count.h"

#include <optional>
#include <string_view>

namespace patd {

// None: there is no TPM. Starting: this run has not taken its first step yet. Kept: the TPM has
// counted the last witness. Behind: not yet. Unread: it cannot be asked, so nobody knows whether
// the machine was put back. Gone: nor is it there, though the witness names a count. Refused: root
// has to make the counter. Unusable: root has to do something else. The last two are not asked
// again.
enum class CounterState { None, Starting, Kept, Behind, Unread, Gone, Refused, Unusable };
std::string_view counter_name(CounterState state);

// What a look at the TPM says of the count that the last witness names (ADR 0068). Fits: it is
// there. Begins: none was named. Short: the TPM is one below, because patd ended or gave up before
// it counted. Lost: it is another counter, or further below. PutBack: it is above, so this witness
// is one of before.
enum class CountVerdict { Fits, Begins, Short, Lost, PutBack };
CountVerdict compare_counts(const std::optional<TpmCount>& named, const TpmCount& said);

// What came of a conversation about a witness (WitnessTalk), as far as the TPM goes.
struct CountOutcome {
    std::optional<Result<TpmCount>> said;  // nothing: it was not asked
    CountVerdict verdict = CountVerdict::Fits;
    int steps = 0;                 // that it was told to take
    std::optional<Error> refusal;  // of the last one
    bool counted = false;          // a number that no witness had before is kept, and counted
};

// What patd remembers of the TPM between two conversations: whether it can be asked, whether it
// owes a step, and how many it may take. It owes one from the start on, since nobody knows whether
// the last run's last witness was counted. Only what fails at two looks cannot be used, because a
// device may have its owner only a moment after it is there. Thread rule: the loop's thread.
class WitnessCounter {
  public:
    explicit WitnessCounter(const Clock& clock) : clock_(clock) {}

    // What the TPM said; `is_named`: a witness names a count, so there was a TPM.
    void saw(const Result<TpmCount>& said, bool is_named);
    void ended(const CountOutcome& outcome, bool is_named);
    // A witness was kept that was not counted.
    void owe();

    CounterState state() const;
    bool is_owed() const { return owed_ && is_usable(); }
    // Not more steps than kCounterBurst, and then one each kCounterRefill: they wear the chip, and
    // users cause them. Nobody who revokes waits for a TPM that did not answer the last time.
    bool may_count() const { return !trouble_ && is_within_limit(); }
    // The same, for what waits until it answers.
    bool may_look() const { return is_usable() && is_within_limit(); }

  private:
    bool is_usable() const;
    bool is_within_limit() const;
    std::chrono::milliseconds full_after_one() const;

    const Clock& clock_;
    std::optional<CounterState> trouble_ = CounterState::None;
    bool owed_ = true;
    bool fresh_ = true;                     // nothing was counted, or left, in this run
    bool refused_ = false;                  // that was said
    std::chrono::milliseconds full_at_{0};  // when kCounterBurst steps are left
};

}  // namespace patd
