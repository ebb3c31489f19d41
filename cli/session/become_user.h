// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "common/base/result.h"

#include <string>

namespace patd::cli {

// Makes this process of root one of the account `name` for good, with its groups and its home, and
// without what root's environment says of git and of folders: who is asked then, patd and git
// alike, sees that account. The working directory is `/`, and there is no controlling terminal.
// Before there are threads.
// InvalidUsername: there is no such account. AccessDenied: this process may not, and is as it was.
Result<void> become_user(const std::string& name);

}  // namespace patd::cli
