// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "common/base/secrets.h"
#include "common/token/permission.h"
#include "common/token/target.h"
#include "pam_module/patd_request.h"

namespace patd::pam {

// What a service requires of a token that is used as a password.
struct TokenUse {
    Permission permission;
    Origin audience;
};

// Whether `token` is a live token of `login.user` that may be used so. A text that is not shaped
// like a token, such as somebody's login password, is refused here and never sent (Rejected).
// Errors: Rejected (also: another user's token), any other answer of patd, Unavailable.
Result<void> verify_token(const Endpoint& endpoint, const Login& login, const TokenUse& use,
                          const TokenSecret& token);

}  // namespace patd::pam
