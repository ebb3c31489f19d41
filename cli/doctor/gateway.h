// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "cli/doctor/findings.h"
#include "cli/doctor/machine.h"
#include "common/client/dictionary.h"

#include <vector>

namespace patd::cli::doctor {

// patd-http, where it is installed: it is enabled and has not failed, its configuration has no
// fault, and the accounts that it names exist.
void check_http(const Machine& machine, Findings& findings);

// The gateway (patd-gateway(5)): for tokens that go through it, whether the machine has one and
// whether git goes there for their forges; whether something answers at its origin; whether git
// is still sent there for forges without such a token.
void check_gateway(const Machine& machine, const client::Dictionary& status,
                   const std::vector<client::Dictionary>& tokens, Findings& findings);

}  // namespace patd::cli::doctor
