// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "common/base/secrets.h"
#include "common/password/password_store.h"
#include "pam_module/patd_request.h"

namespace patd::pam {

// Whether `password` is the service password of `login.user`; patd has patd-auth decide. Success,
// or: WrongPassword, Throttled, NoServicePassword, InvalidPassword (not sent), any other answer of
// patd, Unavailable.
Result<void> check_with_patd(const Endpoint& endpoint, const Login& login,
                             const ServicePassword& password);

// The same against the hashes, inside patd-auth. Errors: those of PasswordStore::check; NotFound
// for an account that does not exist, after as long as a check takes.
Result<void> check_with_store(const password::PasswordStore& store, const Login& login,
                              const ServicePassword& password);

}  // namespace patd::pam
