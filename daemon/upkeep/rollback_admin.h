// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "common/base/caller.h"
#include "common/base/clock.h"
#include "daemon/context/context.h"
#include "daemon/upkeep/witness_keeper.h"

#include <cstdint>
#include <functional>
#include <vector>

namespace patd {

// Root's word on a store that is withheld. Thread rule: the loop's thread.
class RollbackAdmin {
  public:
    // `accepted` is called each time a store was accepted: what rested goes on.
    RollbackAdmin(const Context& context, WitnessKeeper& keeper, std::function<void()> accepted)
        : context_(context), keeper_(keeper), accepted_(std::move(accepted)) {}

    struct Choice {
        bool dry_run = false;    // only reports
        bool keep_dead = false;  // ends again what died, and locks again who was locked
        bool revive = false;     // lets all of it live again
    };
    struct Report {
        bool done = false;  // false: nothing was changed: a dry run, or no word on what would live
        Rollback why = Rollback::None;
        bool knows_all = true;
        UnixTime known_until = 0;  // of a machine that was put back: what died later is not known
        std::vector<WitnessKeeper::Living> living;
    };
    // If nothing would live again, as far as all of it is known, or root says what is to happen to
    // that, the store is accepted and served. For a store that is not withheld: that the witness
    // was lost, or the TPM is gone, is said no longer.
    // Busy.
    void accept(const Caller& root, const Choice& choice,
                std::function<void(Result<Report>)> callback);

    const WitnessKeeper& keeper() const { return keeper_; }

  private:
    void finish(const Caller& root, const Choice& choice, const Report& report);

    Context context_;
    WitnessKeeper& keeper_;
    std::function<void()> accepted_;
    bool accepting_ = false;
};

}  // namespace patd
