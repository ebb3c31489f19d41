// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "cli/doctor/findings.h"
#include "common/client/dictionary.h"

#include <vector>

namespace patd::cli::doctor {

// Tokens that go through the gateway: whether the machine has one, and whether git goes there for
// the forges of these tokens. Without such tokens there is nothing to find.
void check_gateway(const client::Dictionary& status, const std::vector<client::Dictionary>& tokens,
                   Findings& findings);

}  // namespace patd::cli::doctor
