// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "cli/doctor/findings.h"
#include "cli/doctor/machine.h"
#include "common/client/dictionary.h"

#include <optional>

namespace patd::cli::doctor {

// The master key: there where there is a store, and its recovery file exported. `admin_status` is
// what Admin.Status told root; nothing when it was not to be had.
void check_key(const Machine& machine, const std::optional<client::Dictionary>& admin_status,
               Findings& findings);

}  // namespace patd::cli::doctor
