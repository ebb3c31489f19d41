// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "common/base/clock.h"
#include "daemon/release/selection.h"

namespace patd {

// What a choice by `clock.expiry_time()` becomes where the clock does not know the time: what
// expires is refused as ClockUnknown, and so is an issued token, for its child would expire too,
// and nobody would believe it.
void mind_the_clock(Selection& selection, const Clock& clock);

}  // namespace patd
