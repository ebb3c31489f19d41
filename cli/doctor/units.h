// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "cli/doctor/findings.h"
#include "cli/doctor/machine.h"
#include "common/base/result.h"
#include "common/client/unit_state.h"

#include <optional>
#include <string>
#include <vector>

namespace patd::cli::doctor {

// Pure: what is wrong with the units as systemd sees them.
void check_unit_states(const std::vector<client::UnitState>& units, Findings& findings);

// The service: it answers (`unreachable` says why it does not), its units are enabled and have not
// failed. Where systemd is not the init system, there are no units to look at.
void check_service(const Machine& machine, const std::optional<Error>& unreachable,
                   Findings& findings);

// Pure: the number on the last line of `systemd-analyze security UNIT`.
std::optional<double> parse_exposure(const std::string& text);

// How much of its sandbox patd.service has left, drop-ins included; only where systemd runs it.
void check_exposure(const Machine& machine, Findings& findings);

// Whether the process of patd.service has system call filters beside those of systemd itself:
// without libseccomp, from 259 on, systemd starts a service without them and says nothing.
void check_filter(const Machine& machine, Findings& findings);

// Whether anybody has a service password; who may not see that is told so.
void check_service_password(const Machine& machine, Findings& findings);

}  // namespace patd::cli::doctor
