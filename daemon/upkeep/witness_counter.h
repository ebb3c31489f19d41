// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "common/base/clock.h"
#include "common/base/tpm_count.h"
#include "daemon/upkeep/counter_link.h"

#include <optional>
#include <string_view>

namespace patd {

// None: there is no TPM. Kept: it has counted the last witness. Behind: not yet. Unread: it cannot
// be asked, so nobody knows whether the machine was put back. Refused: root has to make the
// counter.
enum class CounterState { None, Kept, Behind, Unread, Refused };
std::string_view counter_name(CounterState state);

// The TPM's count of the witness (ADR 0068): each witness names the count that it is valid for. It
// is kept by patd-auth, then the TPM counts, then the change is acknowledged. So the witness is
// never below the count, but after a machine was put back; and at most one above, where patd ended
// between both. Decides, and does nothing itself but remember. Thread rule: the loop's thread.
class WitnessCounter {
  public:
    explicit WitnessCounter(const Clock& clock) : clock_(clock) {}

    // What the TPM says.
    void take(const Result<TpmCount>& said);
    // It is not where it must be; forgets it until it was asked again.
    void forget() { count_ = Error{Errc::Unavailable, "not asked again yet"}; }

    enum class Verdict { Fits, Begins, Lost, PutBack };
    // Compares both. `witnessed`: what the witness names; nothing also where that proves nothing.
    Verdict compare(const std::optional<TpmCount>& witnessed);

    // What the next witness names, and what the TPM has to do after it was kept.
    struct Step {
        enum class How { Nothing, Advance, Settle };
        How how = How::Nothing;
        std::optional<TpmCount> count;
    };
    // `named`: by the last one. Not more steps than kCounterBurst, and then one each
    // kCounterRefill: they wear the chip, and users cause them.
    Step next(const std::optional<TpmCount>& named);
    // The step that is left where nobody knows whether the last one was taken.
    Step remaining() const;
    // Both block: on another thread. Whether the TPM is where a step cannot begin: then no witness
    // may be kept, which would hide that from the next start.
    static bool is_elsewhere(const Step& step, const CounterLink& link);
    static Result<void> carry_out(const Step& step, const CounterLink& link);
    // False: the count is elsewhere, so this machine was put back while it ran.
    bool end(const Step& step, const Result<void>& done);

    CounterState state() const { return state_; }
    bool is_unsettled() const { return unsettled_; }
    // Whether a step was left out; and whether there may be one now.
    bool is_owed() const { return owed_; }
    bool may_step() const;

  private:
    std::chrono::milliseconds full_after_one() const;

    const Clock& clock_;
    Result<TpmCount> count_ = Error{Errc::NotFound, "not asked"};
    bool unsettled_ = false;
    bool owed_ = false;
    CounterState state_ = CounterState::None;
    std::chrono::milliseconds full_at_{0};  // when kCounterBurst steps are left
};

}  // namespace patd
