// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "auth/service.h"

namespace patd::auth {

// The work of patd-enroll, as root until the login password is proved and then as the auth user:
// `enroll` writes a first service password, `admin` any, for a peer that is root. MalformedRequest
// for the ops of patd-auth.
Result<void> enroll(const Session& session);

}  // namespace patd::auth
