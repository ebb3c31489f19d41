// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "common/base/clock.h"
#include "common/base/random.h"
#include "common/bus/executor.h"
#include "daemon/state/accounts.h"
#include "daemon/state/auditor.h"
#include "daemon/state/limited.h"
#include "daemon/state/locks.h"
#include "daemon/state/reuse_alarm.h"
#include "daemon/state/service_state.h"
#include "daemon/state/subscriptions.h"
#include "daemon/state/turns.h"
#include "daemon/state/unit_lookup_bus.h"
#include "daemon/store/audit_log.h"
#include "daemon/store/token_store.h"

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
    Subscriptions& subscriptions;
    ReuseAlarm& reuse_alarm;
    UnitLookup& units;
    Turns& turns;
    Limited& limited;
};

// From when on a token expires soon: ExpiryNotice= ahead; never (0) when that is off.
inline UnixTime soon(const Context& context) {
    const std::int64_t notice = context.state.settings.expiry_notice.count();
    return notice == 0 ? 0 : context.clock.now() + notice;
}

}  // namespace patd
