// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "common/base/clock.h"

#include <string>

namespace patd::cli {

// `2026-03-01 14:05`, local time; `never` for 0.
std::string format_time(UnixTime time);
// The distance to `now` in its largest whole unit: `in 89 days`, `3 hours ago`, `now`; `never` for
// 0.
std::string format_distance(UnixTime time, UnixTime now);

}  // namespace patd::cli
