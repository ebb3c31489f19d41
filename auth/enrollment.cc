// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "auth/enrollment.h"

#include "auth/hardening.h"
#include "auth/pam_stack.h"
#include "auth/pam_transaction.h"
#include "auth/throttle.h"
#include "common/password/password_rules.h"
#include "common/password/password_store.h"

#include <shadow.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <functional>

namespace patd::auth {
namespace {

using password::Existing;
using password::PasswordStore;

constexpr int kChildFailed = 255;  // above every Errc

// Runs `work` in a child process that has become the auth user, because root opens nothing below
// that user's directory. Returns only the reason of a failure.
Result<void> run_as_auth_user(const ServiceOptions& options,
                              const std::function<Result<void>()>& work) {
    const pid_t child = fork();
    if (child < 0)
        return Error{Errc::Unavailable, "fork"};
    if (child == 0) {
        // noexcept: the child must never unwind into its parent's main.
        const auto exit_code = [&]() noexcept {
            Result<void> result = become_account(options.auth_user);
            if (result)
                result = work();
            return result ? 0 : static_cast<int>(result.error().code) + 1;
        };
        _exit(exit_code());
    }
    int status = 0;
    while (waitpid(child, &status, 0) < 0) {
        if (errno != EINTR)
            return Error{Errc::Internal, "waitpid"};
    }
    const int code = WIFEXITED(status) ? WEXITSTATUS(status) : kChildFailed;
    if (code == 0)
        return {};
    if (code >= kChildFailed)
        return Error{Errc::Internal, "child process"};
    return Error{static_cast<Errc>(code - 1), "as " + options.auth_user};
}

Result<PasswordStore> open_store(const Session& session) {
    return PasswordStore::open({session.options.state_directory, std::nullopt});
}

Result<void> require_no_password(const Session& session) {
    const PasswordStore store = TRY(open_store(session));
    if (TRY(store.has_password(session.account)))
        return Error{Errc::AccessDenied, "there is a service password"};
    return {};
}

// May this conversation ask for the login password at all?
Result<void> admit(const Session& session) {
    return run_as_auth_user(session.options, [&]() -> Result<void> {
        TRY(require_no_password(session));
        const SystemClock clock;
        Throttle throttle = TRY(Throttle::open(session, clock));
        return throttle.charge();
    });
}

// Whether no password at all can prove the login: that of the shadow file is asked for alone, and
// it holds none for the account (shadow(5)). Told to who asks for himself; as root.
bool lacks_login_password(const Session& session) {
    constexpr std::size_t kEntryBytes = 4096;
    if (session.request.caller != session.account.uid ||
        !asks_only(names::kPamEnrollService, "pam_unix.so", session.options.pam_confdir))
        return false;
    spwd entry{};
    spwd* found = nullptr;
    SecretBuffer room(kEntryBytes);
    const std::span<char> bytes = room.free_space();
    if (getspnam_r(session.account.name.c_str(), &entry, bytes.data(), bytes.size(), &found) != 0 ||
        found == nullptr)
        return false;
    const char first = *found->sp_pwdp;
    const bool lacks = first == '\0' || first == '!' || first == '*';
    room.grow(bytes.size());
    room.wipe();
    return lacks;
}

Result<void> check_login(const Session& session) {
    if (lacks_login_password(session))
        return Errc::NoLoginPassword;
    session.conversation.name_password("Login password for " + session.account.name + ": ");
    PamTransaction pam =
        TRY(PamTransaction::start({names::kPamEnrollService, session.account.name,
                                   session.request.rhost, session.options.pam_confdir},
                                  session.conversation));
    const Result<void> outcome = pam.authenticate();
    if (!outcome && (outcome.error().code == Errc::WrongPassword ||
                     outcome.error().code == Errc::NoServicePassword)) {
        TRY(session.conversation.show_error("This is not the login password of " +
                                            session.account.name +
                                            "; nothing was changed. If there is none, an "
                                            "administrator sets the first service password: sudo "
                                            "patctl admin passwd " +
                                            session.account.name));
        return Error{Errc::WrongPassword, outcome.error().context};
    }
    TRY(outcome);
    return pam.check_account();
}

Result<void> settle(const Session& session, const Result<void>& login) {
    const SystemClock clock;
    Throttle throttle = TRY(Throttle::open(session, clock));
    if (login)
        return throttle.settle_right();
    if (!session.conversation.has_answer())
        return throttle.settle_unused();
    return {};
}

Result<ServicePassword> ask_new_password(const Session& session) {
    Conversation& user = session.conversation;
    ServicePassword password(TRY(user.ask("New service password for " + session.account.name +
                                          password::kNewPasswordHint))
                                 .take());
    if (const auto good = password::check_new_password(password, session.account.name); !good) {
        TRY(user.show_error(password::kNewPasswordRules));
        return good.error();
    }
    const PromptAnswer second = TRY(user.ask("Retype new service password: "));
    if (!constant_time_equal(password.reveal(), second.reveal())) {
        TRY(user.show_error("The two entries differ; nothing was changed."));
        return Errc::PasswordNotAccepted;
    }
    return password;
}

Result<void> write_password(const Session& session, Existing existing) {
    const ServicePassword password = TRY(ask_new_password(session));
    const PasswordStore store = TRY(open_store(session));
    Result<void> written = store.set(session.account, password, existing);
    if (!written && written.error().code == Errc::PasswordNotAccepted)
        TRY(session.conversation.show_error(password::kNewPasswordRules));
    return written;
}

Result<void> enroll_first(const Session& session) {
    TRY(admit(session));
    const Result<void> login = check_login(session);
    TRY(become_account(session.options.auth_user));
    TRY(settle(session, login));
    TRY(login);
    return write_password(session, Existing::Keep);
}

// patd cannot get here: its uid is not root's, whatever a message says (ADR 0004).
Result<void> enroll_as_admin(const Session& session) {
    if (!session.peer.is_root())
        return Error{Errc::AccessDenied, "admin, from another uid than root"};
    TRY(become_account(session.options.auth_user));
    TRY(write_password(session, Existing::Replace));
    // Without it the new password is right all the same, only later.
    const SystemClock clock;
    (void)Throttle::forgive(session, clock);
    return {};
}

}  // namespace

Result<void> enroll(const Session& session) {
    switch (session.request.op) {
        case Op::Enroll:
            return enroll_first(session);
        case Op::Admin:
            return enroll_as_admin(session);
        case Op::Authenticate:
        case Op::Check:
        case Op::Change:
        case Op::State:
            return Error{Errc::MalformedRequest, "op of patd-auth"};
    }
    return Errc::MalformedRequest;
}

}  // namespace patd::auth
