// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "auth/service.h"

namespace patd::auth {

// The work of patd-auth: `authenticate`, `check` and `change` through the PAM service `patd`, with
// the lockout in front. MalformedRequest for the ops of patd-enroll.
Result<void> check_service_password(const Session& session);

}  // namespace patd::auth
