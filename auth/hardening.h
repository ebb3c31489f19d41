// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "common/base/result.h"

#include <string>

namespace patd::auth {

// Call it first in main: no core dumps, no ptrace by the same uid, only the language of the
// parent's environment, new files for the owner only. Internal if the kernel refuses.
Result<void> harden_process();

// Becomes the account `name` for good: groups, gid and uid, real, effective and saved, and checks
// that there is no way back. Does nothing if the process already is that account. Unavailable,
// Internal; then the caller must end the process.
Result<void> become_account(const std::string& name);

}  // namespace patd::auth
