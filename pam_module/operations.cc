// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "pam_module/operations.h"

#include "common/base/limits.h"
#include "common/password/password_rules.h"
#include "common/token/token_string.h"
#include "pam_module/service_password.h"
#include "pam_module/token_password.h"

namespace patd::pam {
namespace {

using password::PasswordStore;

std::size_t answer_bytes_max(Mode mode) {
    return mode == Mode::Token ? kOldChildBytesMax : limits::kServicePasswordBytes;
}

// Account names are ASCII nearly everywhere; other bytes must not draw on somebody's terminal.
std::string printable(std::string text) {
    for (char& c : text)
        c = c > 0x20 && c < 0x7f ? c : '?';
    return text;
}

std::string prompt_for(const ModuleOptions& options, const std::string& user) {
    if (!options.prompt.empty())
        return options.prompt + ": ";
    const char* what = options.mode == Mode::Token ? "Token for " : "Service password for ";
    return what + printable(user) + ": ";
}

// Errors: those of PamSession::ask.
Result<SecretBuffer> obtain_answer(PamSession& session, const ModuleOptions& options,
                                   const std::string& user) {
    const std::size_t bytes_max = answer_bytes_max(options.mode);
    if (options.first_pass == FirstPass::Use ||
        (options.first_pass == FirstPass::Try && session.has_earlier_authtok()))
        return session.earlier_authtok(bytes_max);
    SecretBuffer answer = TRY(session.ask(prompt_for(options, user), bytes_max));
    TRY(session.set_authtok(answer));
    return answer;
}

Result<PasswordStore> open_store(const ModuleOptions& options) {
    return PasswordStore::open({options.state_directory, options.cost});
}

Result<void> decide(const ModuleOptions& options, const Endpoint& endpoint, const Login& login,
                    SecretBuffer answer) {
    if (options.mode == Mode::Token)
        return verify_token(endpoint, login, {*options.permission, *options.audience},
                            TokenSecret(std::move(answer)));
    const ServicePassword password(std::move(answer));
    if (options.backend == Backend::File)
        return check_with_store(TRY(open_store(options)), login, password);
    return check_with_patd(endpoint, login, password);
}

// Asks for the old password, unless pam_authenticate of this handle has just proved it.
Result<void> prove_old_password(PamSession& session, const ModuleOptions& options) {
    const std::string user = TRY(session.user());
    if (session.is_authenticated(user))
        return {};
    SecretBuffer answer =
        TRY(session.ask("Current service password: ", limits::kServicePasswordBytes));
    const Login login{user, session.text_item(PAM_SERVICE), session.text_item(PAM_RHOST)};
    TRY(check_with_store(TRY(open_store(options)), login, ServicePassword(std::move(answer))));
    return session.mark_authenticated(user);
}

Result<ServicePassword> ask_new_password(PamSession& session, const std::string& user) {
    ServicePassword password(
        TRY(session.ask(std::string("New service password") + password::kNewPasswordHint,
                        limits::kServicePasswordBytes)));
    if (const auto good = password::check_new_password(password, user); !good) {
        session.tell(PAM_ERROR_MSG, password::kNewPasswordRules);
        return good.error();
    }
    const SecretBuffer second =
        TRY(session.ask("Retype new service password: ", limits::kServicePasswordBytes));
    if (!constant_time_equal(password.reveal(), second.reveal())) {
        session.tell(PAM_ERROR_MSG, "The two entries differ; nothing was changed.");
        return Errc::PasswordNotAccepted;
    }
    return password;
}

Result<void> write_new_password(PamSession& session, const ModuleOptions& options) {
    const std::string user = TRY(session.user());
    if (!session.is_authenticated(user))
        return Errc::AccessDenied;
    const ServicePassword password = TRY(ask_new_password(session, user));
    const password::Account account = TRY(password::find_account(user));
    const PasswordStore store = TRY(open_store(options));
    Result<void> written = store.set(account, password, password::Existing::Replace);
    if (!written && written.error().code == Errc::PasswordNotAccepted)
        session.tell(PAM_ERROR_MSG, password::kNewPasswordRules);
    return written;
}

}  // namespace

Result<void> authenticate(PamSession& session, const ModuleOptions& options,
                          const Endpoint& endpoint) {
    session.forget_authenticated();
    if (options.mode == Mode::None)
        return Error{Errc::UnknownOption, "neither password nor token"};
    const std::string user = TRY(session.user());
    SecretBuffer answer = TRY(obtain_answer(session, options, user));
    const Login login{user, session.text_item(PAM_SERVICE), session.text_item(PAM_RHOST)};
    TRY(decide(options, endpoint, login, std::move(answer)));
    // Keyrings and scripts further down the stack should not get a token.
    if (options.mode == Mode::Token && !options.keep_authtok)
        TRY(session.clear_authtok());
    return session.mark_authenticated(user);
}

Result<void> check_account(PamSession& session) {
    if (!session.is_authenticated(TRY(session.user())))
        return Error{
            Errc::AccessDenied,
            "account: this module did not let this user in (a key, sudo's ticket, root); see "
            "MODULE TYPES in pam_pat(8)"};
    return {};
}

Result<void> change_password(PamSession& session, const ModuleOptions& options) {
    const bool preliminary = (session.flags() & PAM_PRELIM_CHECK) != 0;
    if (options.backend != Backend::File) {
        if (preliminary)
            session.tell(PAM_TEXT_INFO, "Change the service password with 'patctl passwd'.");
        return Error{Errc::PasswordNotAccepted, "not changed through this service"};
    }
    if (preliminary)
        return prove_old_password(session, options);
    return write_new_password(session, options);
}

}  // namespace patd::pam
