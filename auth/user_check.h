// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "auth/service.h"

#include <string>

namespace patd::auth {

// The step-up of per-user mode, only for the user that this process runs as: if the system service
// is installed (its line socket exists) the password is the user's service password, which the
// system service has checked by patd-auth, with its lockout. If not, it is what the PAM service
// patd-user asks for. What is installed decides between the two, never which of them answers: a
// service that is down is Unavailable.
// AccessDenied: another user. MalformedRequest: an op other than `authenticate`.
Result<void> check_user(const Session& session, const std::string& system_socket);

}  // namespace patd::auth
