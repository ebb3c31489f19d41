// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "cli/doctor/findings.h"
#include "cli/doctor/machine.h"

namespace patd::cli::doctor {

// The configuration of services whose PAM stack takes tokens: those that keep an answer, so that a
// token which was deleted is taken for longer than a minute (saslauthd, Squid, dovecot, ejabberd,
// sudo), and those that take one without TLS (PostgreSQL). Also what check_stack_rules() finds.
void check_services(const Machine& machine, Findings& findings);

}  // namespace patd::cli::doctor
