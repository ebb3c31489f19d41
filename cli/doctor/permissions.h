// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "cli/doctor/findings.h"
#include "cli/doctor/machine.h"

namespace patd::cli::doctor {

// Owner, kind and mode of everything that patd trusts or guards: /etc/patd, the state directories,
// /run/patd and the sockets. What is not there is for other checks to say.
void check_permissions(const Machine& machine, Findings& findings);

}  // namespace patd::cli::doctor
