// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "cli/doctor/findings.h"
#include "cli/doctor/machine.h"

namespace patd::cli::doctor {

// The account rules of pam_pat.so in programs that let people in without asking them for anything
// (sudo, su, login, sshd): it refuses those, because it says yes only to whom it authenticated. And
// services that could ask whether an account has expired, and whose tokens let such ones in.
void check_stack_rules(const Machine& machine, Findings& findings);

}  // namespace patd::cli::doctor
