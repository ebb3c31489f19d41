// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "common/base/caller.h"
#include "common/bus/executor.h"
#include "daemon/context/auditor.h"
#include "daemon/context/service_state.h"
#include "daemon/context/subscriptions.h"

#include <set>
#include <string>

namespace patd {

// A secret that died (was regenerated away, or deleted) was shown again: somebody kept a copy.
// Tells the one whose token it was, in the audit log, the journal and a signal; with OnReuse=revoke
// it also ends the token, if that lives on with a newer secret. Only who has a dead secret can
// raise it: its hash is compared, not a token's id. Thread rule: the loop's thread; the store is
// changed on the writer.
class ReuseAlarm {
  public:
    struct Parts {
        store::TokenStore& store;
        bus::Executor& writer;
        Auditor& auditor;
        const Clock& clock;
        const ServiceState& state;
        Subscriptions& subscriptions;
    };
    // `parts` must outlive it and what it began.
    explicit ReuseAlarm(const Parts& parts) : parts_(parts) {}

    // By which request the secret was shown ("verify", "store", "erase"), and the place it named.
    struct Showing {
        std::string how;
        std::string where;
    };
    // Told at once when it is the first of this caller and token in a minute, and the owner was not
    // told too much in it (kRefusedRowsPerOwnerMinute). The token is ended in any case.
    void raise(const Caller& caller, const store::Tombstone& dead, const Showing& showing);

  private:
    void tell(const Caller& caller, const store::Tombstone& dead, const Showing& showing);
    void revoke(const store::Tombstone& dead);

    Parts parts_;
    std::set<TokenId> under_way_;  // tokens that are being ended
};

}  // namespace patd
