// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "common/base/clock.h"
#include "common/base/random.h"
#include "common/bus/executor.h"
#include "daemon/admission/accounts.h"
#include "daemon/admission/limited.h"
#include "daemon/admission/turns.h"
#include "daemon/context/auditor.h"
#include "daemon/context/locks.h"
#include "daemon/context/reuse_alarm.h"
#include "daemon/context/service_state.h"
#include "daemon/context/subscriptions.h"
#include "daemon/context/unit_lookup.h"
#include "daemon/store/audit/audit_log.h"
#include "daemon/store/tokens/token_store.h"

namespace patd {

// The parts that all use-cases share. Owned by Daemon, which outlives them.
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

// A token that expires before this expires soon: ExpiryNotice= ahead; never (0) if that is off.
inline UnixTime soon(const Context& context) {
    const std::int64_t notice = context.state.settings.expiry_notice.count();
    return notice == 0 ? 0 : context.clock.now() + notice;
}

}  // namespace patd
