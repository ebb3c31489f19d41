// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "common/base/clock.h"
#include "daemon/policy/selection.h"

namespace patd {

// select_token by the time that `clock` tells. Where it does not know the time, what expires is
// refused as ClockUnknown, and so is an issued token: its child would expire too, and nobody would
// believe it.
Selection select_by_clock(const std::vector<Candidate>& candidates, const ReleaseRequest& request,
                          const Clock& clock);

}  // namespace patd
