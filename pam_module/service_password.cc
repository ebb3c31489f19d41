// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "pam_module/service_password.h"

#include "common/password/account.h"
#include "common/password/password_rules.h"

namespace patd::pam {

Result<void> check_with_patd(const Endpoint& endpoint, const Login& login,
                             const ServicePassword& password) {
    const std::span<const char> bytes = password.reveal();
    if (!password::is_well_formed(bytes))
        return Errc::InvalidPassword;
    PatdRequest request("check");
    request.add(login).add("password", {bytes.data(), bytes.size()});
    const SecretBuffer reply = TRY(request.send(endpoint));
    if (!TRY(is_valid(TRY(parse_reply(reply)))))
        return Errc::WrongPassword;
    return {};
}

Result<void> check_with_store(const password::PasswordStore& store, const Login& login,
                              const ServicePassword& password) {
    const Result<password::Account> account = password::find_account(login.user);
    if (account)
        return store.check(*account, password);
    if (account.error().code != Errc::NotFound)
        return account.error();
    const Result<void> refused = store.check_absent(password);
    return refused.error().code == Errc::WrongPassword ? account.error() : refused.error();
}

}  // namespace patd::pam
