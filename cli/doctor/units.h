// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "cli/doctor/findings.h"
#include "cli/doctor/machine.h"
#include "common/base/result.h"
#include "common/client/dictionary.h"
#include "common/client/unit_state.h"

#include <optional>
#include <string>
#include <vector>

namespace patd::cli::doctor {

// How the units are looked at.
struct UnitView {
    bool own = false;          // those of the user's own service
    bool cause_known = false;  // it was already said why the service does not start
    const char* package = "patd";
    const char* starter = "patd.socket";  // what turns all of them on
};

// A package that the machine can do without, and its units.
struct PackageUnits {
    const char* package;
    const char* starter;
    std::vector<const char*> units;
};

// Pure: what is wrong with the units as systemd sees them; each cause once.
void check_unit_states(const std::vector<client::UnitState>& units, const UnitView& view,
                       Findings& findings);

// The service: it answers (`unreachable` says why it does not), its units are enabled and have not
// failed. Where systemd is not the init system, there are no units to look at. With `cause_known`
// nothing is said that only follows from the cause.
void check_service(const Machine& machine, const std::optional<Error>& unreachable,
                   bool cause_known, Findings& findings);

// The units of a package, where it is installed: they are enabled and have not failed. Whether it
// is installed; nothing where systemd cannot be asked.
std::optional<bool> check_package(const Machine& machine, const PackageUnits& units,
                                  Findings& findings);

// The socket of patd-counter, which patd does without: on where there is a TPM, unless its
// conditions rule that out.
void check_counter_socket(const Machine& machine, Findings& findings);

// Pure: the number on the last line of `systemd-analyze security UNIT`.
std::optional<double> parse_exposure(const std::string& text);

// How much of its sandbox patd.service has left, drop-ins included; only where systemd runs it.
void check_exposure(const Machine& machine, Findings& findings);

// Whether the process of patd.service has system call filters beside those of systemd itself:
// without libseccomp, from 259 on, systemd starts a service without them and says nothing.
void check_filter(const Machine& machine, Findings& findings);

// Whether the one who asks has a service password; root rarely needs one.
void check_own_password(const Machine& machine, const client::Dictionary& status,
                        Findings& findings);

// Who has to wait because of wrong passwords, as far as the service tells it to who asks.
void check_waits(const client::Dictionary& status, Findings& findings);

// Whether anybody has a service password; who may not see that is told so.
void check_service_password(const Machine& machine, Findings& findings);

}  // namespace patd::cli::doctor
