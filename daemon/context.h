// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "common/base/clock.h"
#include "common/base/random.h"
#include "common/bus/executor.h"
#include "daemon/accounts.h"
#include "daemon/auditor.h"
#include "daemon/locks.h"
#include "daemon/service_state.h"
#include "daemon/store/audit_log.h"
#include "daemon/store/token_store.h"
#include "daemon/unit_lookup_bus.h"

namespace patd {

// The parts that the use-cases share. Owned by Daemon, which outlives them all.
struct Context {
    store::TokenStore& store;
    store::AuditLog& audit_log;
    bus::Executor& writer;
    Auditor& auditor;
    Locks& locks;
    Accounts& accounts;
    const Clock& clock;
    Random& random;
    const ServiceState& state;
    UnitLookup& units;
};

}  // namespace patd
