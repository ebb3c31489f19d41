// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "cli/doctor/findings.h"
#include "common/client/dictionary.h"

#include <vector>

namespace patd::cli::doctor {

// The files of docker, cargo and the other tools that `patctl setup` knows, as the user has them:
// whether what was set up is still there, whether patd's program is where the tool looks for it,
// and what wins over it. Tools that were never set up are nothing to find.
void check_tools(const std::vector<client::Dictionary>& tokens, Findings& findings);

}  // namespace patd::cli::doctor
