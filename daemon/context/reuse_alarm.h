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

// A dead secret (replaced by regenerate, or deleted) was presented again: somebody kept a copy.
// Tells the token's owner, in the audit log, the journal and a signal; with OnReuse=revoke it also
// ends the token, if that lives on with a newer secret. Only the holder of a dead secret can raise
// it: its hash is compared, not a token's id. Thread rule: the loop's thread; the store is changed
// on the writer.
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
    // `parts` must outlive this and what it began.
    explicit ReuseAlarm(const Parts& parts) : parts_(parts) {}

    // Which request presented the secret ("verify", "store", "erase"), and the place it named.
    struct Showing {
        std::string how;
        std::string where;
    };
    // Reported at once if it is the first of this caller and token in a minute, and the owner did
    // not get too many reports in it (kRefusedRowsPerOwnerMinute). The token is ended in any case.
    void raise(const Caller& caller, const store::Tombstone& dead, const Showing& showing);

  private:
    void tell(const Caller& caller, const store::Tombstone& dead, const Showing& showing);
    void revoke(const store::Tombstone& dead);

    Parts parts_;
    std::set<TokenId> under_way_;  // tokens that are being ended
};

}  // namespace patd
