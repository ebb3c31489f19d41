// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "cli/doctor/findings.h"
#include "cli/doctor/machine.h"

namespace patd::cli::doctor {

// Whether dovecot keeps what PAM answered, and so takes a token after it was deleted: 2.3 where a
// passdb has a cache_key, 2.4 wherever auth_cache_size is not 0 and the passdb does not say
// use_cache = no (seen with 2.4.1).
void check_dovecot(const Machine& machine, Findings& findings);

}  // namespace patd::cli::doctor
