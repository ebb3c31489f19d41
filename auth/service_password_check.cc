// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "auth/service_password_check.h"

#include "auth/pam_stack.h"
#include "auth/pam_transaction.h"
#include "auth/throttle.h"
#include "common/password/password_store.h"

namespace patd::auth {
namespace {

using password::PasswordStore;

// A user without a password is told before any prompt, so that the client can `enroll` at once.
Result<void> require_password(const Session& session) {
    const PasswordStore store =
        TRY(PasswordStore::open({session.options.state_directory, std::nullopt}));
    if (!TRY(store.has_password(session.account)))
        return Errc::NoServicePassword;
    return {};
}

// Whether the caller may learn, before any prompt, that there is no password: he asks for himself,
// and nothing else would let him in.
bool is_known_to_caller(const Session& session) {
    return session.request.op != Op::Check && session.request.caller == session.account.uid &&
           asks_only(names::kPamService, "pam_pat.so", session.options.pam_confdir);
}

// A try counts unless it was right, or nothing was there to guess at.
Result<void> settle(Throttle& throttle, const Session& session, const Result<void>& outcome) {
    if (outcome)
        return throttle.settle_right();
    if (!session.conversation.has_answer() || outcome.error().code == Errc::NoServicePassword)
        return throttle.settle_unused();
    return {};
}

// A service gets the same answer for a wrong password, for an account without one and for no
// account at all: what it passes on was typed by somebody who must not learn which names exist. If
// patd knows no owner, nothing proves to be one.
Result<void> answer_for_caller(const Session& session, const Result<void>& outcome) {
    if (session.request.op != Op::Check)
        return outcome;
    if (outcome && !session.request.uid)
        return Error{Errc::WrongPassword, "no such owner"};
    if (!outcome && outcome.error().code == Errc::NoServicePassword)
        return Error{Errc::WrongPassword, outcome.error().context};
    return outcome;
}

}  // namespace

Result<void> check_service_password(const Session& session) {
    const Op op = session.request.op;
    const bool change = op == Op::Change;
    if (!change && op != Op::Authenticate && op != Op::Check && op != Op::State)
        return Error{Errc::MalformedRequest, "op of patd-enroll"};
    const bool is_known = is_known_to_caller(session);
    if (op == Op::State && !is_known)
        return Error{Errc::Unavailable, "the stack asks for more than the service password"};
    if (change || is_known)
        TRY(require_password(session));
    if (op == Op::State)
        return {};
    const SystemClock clock;
    Throttle throttle = TRY(Throttle::open(session, clock));
    TRY(throttle.charge());
    PamTransaction pam =
        TRY(PamTransaction::start({names::kPamService, session.account.name, session.request.rhost,
                                   session.options.pam_confdir},
                                  session.conversation));
    const Result<void> outcome = answer_for_caller(session, pam.authenticate());
    TRY(settle(throttle, session, outcome));
    TRY(outcome);
    TRY(pam.check_account());
    if (change)
        TRY(pam.change_password());
    return {};
}

}  // namespace patd::auth
