// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "auth/pam_transaction.h"

#include "common/token/visible_text.h"

namespace patd::auth {
namespace {

// Any code without a better meaning is a PAM stack that does not work.
Errc errc_of(int code) {
    switch (code) {
        case PAM_AUTH_ERR:
        case PAM_CRED_INSUFFICIENT:
            return Errc::WrongPassword;
        case PAM_USER_UNKNOWN:
            return Errc::NoServicePassword;
        case PAM_MAXTRIES:
            return Errc::Throttled;
        case PAM_ACCT_EXPIRED:
        case PAM_NEW_AUTHTOK_REQD:
        case PAM_PERM_DENIED:
            return Errc::AccessDenied;
        case PAM_AUTHTOK_ERR:
        case PAM_TRY_AGAIN:
            return Errc::PasswordNotAccepted;
        case PAM_CONV_ERR:
            return Errc::Cancelled;
        default:
            return Errc::Unavailable;
    }
}

}  // namespace

void PamTransaction::HandleDeleter::operator()(pam_handle_t* handle) const {
    pam_end(handle, PAM_SUCCESS);
}

Result<PamTransaction> PamTransaction::start(const Setup& setup, Conversation& conversation) {
    const pam_conv callback = conversation.as_pam_conv();
    pam_handle_t* handle = nullptr;
    const char* confdir = setup.confdir ? setup.confdir->c_str() : nullptr;
    if (pam_start_confdir(setup.service.c_str(), setup.user.c_str(), &callback, confdir, &handle) !=
        PAM_SUCCESS)
        return Error{Errc::Unavailable, "pam_start of " + setup.service};
    PamTransaction transaction(handle, conversation);
    if (!setup.rhost.empty() && is_visible_utf8(setup.rhost) &&
        pam_set_item(handle, PAM_RHOST, setup.rhost.c_str()) != PAM_SUCCESS)
        return Error{Errc::Unavailable, "pam_set_item"};
    return transaction;
}

Result<void> PamTransaction::outcome(int code) const {
    if (conversation_.failure())
        return *conversation_.failure();
    if (code == PAM_SUCCESS)
        return {};
    return Error{errc_of(code), pam_strerror(handle_.get(), code)};
}

Result<void> PamTransaction::authenticate() {
    return outcome(pam_authenticate(handle_.get(), PAM_DISALLOW_NULL_AUTHTOK));
}

Result<void> PamTransaction::check_account() {
    Result<void> result = outcome(pam_acct_mgmt(handle_.get(), PAM_DISALLOW_NULL_AUTHTOK));
    if (!result && result.error().code != Errc::Unavailable && !conversation_.failure())
        return Error{Errc::AccessDenied, result.error().context};
    return result;
}

Result<void> PamTransaction::change_password() {
    return outcome(pam_chauthtok(handle_.get(), 0));
}

}  // namespace patd::auth
