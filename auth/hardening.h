// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "common/base/result.h"

#include <string>

namespace patd::auth {

// To be called first in main: no core dumps, no ptrace by the same uid, nothing of the parent's
// environment but the language, new files for the owner only. Internal when the kernel refuses.
Result<void> harden_process();

// Becomes the account `name` for good: groups, gid and uid, real, effective and saved, and checks
// that there is no way back. Nothing when the process is that account already. Unavailable,
// Internal; the caller must end the process then.
Result<void> become_account(const std::string& name);

}  // namespace patd::auth
