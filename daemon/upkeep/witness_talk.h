// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "daemon/store/tokens/witness.h"
#include "daemon/upkeep/counter_link.h"
#include "daemon/upkeep/witness_counter.h"
#include "daemon/upkeep/witness_link.h"

#include <optional>

namespace patd {

// Filled step by step, so that an exception loses nothing of what was done.
struct WitnessOutcome {
    Result<void> kept = Error{Errc::Unavailable, "no memory"};  // by patd-auth
    // What the witness that is kept names, and since when.
    std::optional<TpmCount> named;
    UnixTime made = 0;
    CountOutcome count;
};

// One conversation about one witness: a look at the TPM, then patd-auth keeps the witness with the
// count that is next, then the TPM counts. So a witness that is kept is at the count or one above
// it, and never below but where the machine was put back; then none is kept, which would hide that
// from the next start. Where the look fails, the witness names what the last one did, and the step
// is owed. Thread rule: one thread; blocks until `end` at most.
struct WitnessTalk {
    WitnessLink auth;
    CounterLink counter;
    store::Witness witness;  // its count: what the last one that was kept names
    Result<store::KeyedMac> key;
    bool counts;                     // whether the TPM may take a step; otherwise it is not asked
    std::optional<TpmCount> looked;  // what it has just said
    UnixTime now;
    WitnessDeadline end;

    void hold(WitnessOutcome& outcome);

  private:
    // Where the TPM is, if a step can begin there.
    std::optional<TpmCount> look(CountOutcome& outcome) const;
    Result<TpmCount> read() const;
    bool raise(const TpmCount& to, CountOutcome& outcome) const;
    Result<store::Witness> keep(const std::optional<TpmCount>& count);
    Result<store::Witness> find_kept(const store::Witness& wanted);
};

}  // namespace patd
