// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "common/bus/call.h"
#include "daemon/admission/accounts.h"
#include "daemon/exposure/exposures.h"

namespace patd {

// Answer Expose, ListExposures and Cut of Manager (org.patd.Tokens1.xml). Both objects must outlive
// the answer of the first. Errors: those of Exposures::open and cut, and of malformed arguments.
void answer_open_exposure(bus::Call call, Accounts& accounts, Exposures& exposures);
void answer_list_exposures(bus::Call call, Exposures& exposures);
void answer_cut(bus::Call call, Exposures& exposures);

}  // namespace patd
