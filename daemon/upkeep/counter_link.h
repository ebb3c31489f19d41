// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "common/base/tpm_count.h"
#include "daemon/upkeep/witness_link.h"

#include <cstdint>

namespace patd {

// The way to the counter of the TPM, which patd-counter raises (docs/step-up-protocol.md); it is as
// the way to the witness is. Errors: NotFound (no TPM, or nobody there who would know),
// AccessDenied (root has to make the counter), OutOfOrder (it is elsewhere), Unavailable,
// InsecurePeer.
class CounterLink {
  public:
    explicit CounterLink(std::string socket) : link_(std::move(socket)) {}

    Result<UniqueFd> ask() const;
    static Result<TpmCount> read_answer(const UniqueFd& asked,
                                        WitnessDeadline end = witness_deadline());
    Result<TpmCount> read(WitnessDeadline end = witness_deadline()) const;

    // Raises it to `to`; whoever knows that it must be one below says so.
    Result<void> advance(const TpmCount& to) const;
    // The same for whoever does not know whether it is there already.
    Result<void> settle(const TpmCount& to) const;

  private:
    WitnessLink link_;
};

}  // namespace patd
