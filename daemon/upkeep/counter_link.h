// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "common/base/tpm_count.h"
#include "daemon/upkeep/witness_link.h"

#include <cstdint>

namespace patd {

// The way to the counter of the TPM, which patd-counter raises (docs/step-up-protocol.md); it is as
// the way to the witness is. Errors: NotFound (no TPM, or nobody there who would know),
// AccessDenied (root has to make the counter), BadFile (the TPM cannot be used, until root does
// something), Unavailable, InsecurePeer.
class CounterLink {
  public:
    explicit CounterLink(std::string socket) : link_(std::move(socket)) {}

    Result<UniqueFd> ask() const;
    static Result<TpmCount> read_answer(const UniqueFd& asked,
                                        WitnessDeadline end = witness_deadline());
    Result<TpmCount> read(WitnessDeadline end = witness_deadline()) const;

    // Raises it to `to` from one below. One that is there already was raised by an earlier call
    // that was not waited for. Unavailable, also: it is elsewhere; read() says where.
    Result<void> raise(const TpmCount& to, WitnessDeadline end = witness_deadline()) const;

  private:
    WitnessLink link_;
};

}  // namespace patd
