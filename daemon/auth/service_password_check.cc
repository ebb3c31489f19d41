// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "daemon/auth/service_password_check.h"

#include "common/password/password_store.h"
#include "daemon/auth/attempts.h"
#include "daemon/auth/pam_transaction.h"

namespace patd::auth {
namespace {

using password::PasswordStore;

// Whoever has none is told so before any prompt, so that a client goes on to `enroll` at once.
Result<void> require_password(const Session& session) {
    const PasswordStore store =
        TRY(PasswordStore::open({session.options.state_directory, std::nullopt}));
    if (!TRY(store.has_password(session.account)))
        return Errc::NoServicePassword;
    return {};
}

// A try counts unless it was right, or nothing was there to guess at.
Result<void> settle(Attempts& attempts, Attempts::Bucket bucket, const Session& session,
                    const Result<void>& outcome) {
    if (outcome)
        return attempts.settle_right(bucket);
    if (!session.conversation.has_answer() || outcome.error().code == Errc::NoServicePassword)
        return attempts.settle_unused(bucket);
    return {};
}

}  // namespace

Result<void> check_service_password(const Session& session) {
    const bool change = session.request.op == Op::Change;
    if (!change && session.request.op != Op::Authenticate)
        return Error{Errc::MalformedRequest, "op of patd-enroll"};
    if (change)
        TRY(require_password(session));
    const SystemClock clock;
    Attempts attempts =
        TRY(Attempts::open(session.options.state_directory, clock, TRY(read_boot_id())));
    const Attempts::Bucket bucket{session.request.caller, session.account.uid};
    TRY(attempts.charge(bucket));
    PamTransaction pam =
        TRY(PamTransaction::start({names::kPamService, session.account.name, session.request.rhost,
                                   session.options.pam_confdir},
                                  session.conversation));
    const Result<void> outcome = pam.authenticate();
    TRY(settle(attempts, bucket, session, outcome));
    TRY(outcome);
    TRY(pam.check_account());
    if (change)
        TRY(pam.change_password());
    return {};
}

}  // namespace patd::auth
