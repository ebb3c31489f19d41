// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "cli/doctor/findings.h"
#include "cli/doctor/machine.h"

namespace patd::cli::doctor {

// /etc/pam.d: the stacks of patd itself are there and safe, and every rule that names pam_pat.so
// can load it and gives it what it needs (pam_pat(8)); otherwise that service refuses every login.
void check_pam_files(const Machine& machine, Findings& findings);

}  // namespace patd::cli::doctor
