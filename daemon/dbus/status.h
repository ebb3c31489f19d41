// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "common/bus/dict.h"
#include "daemon/context/context.h"
#include "daemon/operation/step_up_services.h"

#include <string>

namespace patd {

// The reply of Status (org.patd.Tokens1.xml): for everybody their own state and what is public; for
// root also the state of the store and what all users do. Thread rule: the loop's thread.
Result<bus::Dict> read_status(const Context& context, const Caller& caller,
                              const std::string& account,
                              const std::vector<StepUpServices::Wait>& waits = {});

}  // namespace patd
