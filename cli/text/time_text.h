// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "cli/text/style.h"
#include "common/base/clock.h"

#include <string>

namespace patd::cli {

// `2026-03-01 14:05`, local time; `never` for 0.
std::string format_time(UnixTime time);
// `2026-03-01 14:05:09`, likewise.
std::string format_second(UnixTime time);
// `2026-03-01T14:05:09Z`, as RFC 3339 and JSON have it.
std::string format_rfc3339(UnixTime time);

// How long `seconds` are, to the nearest number of the largest unit: `90 days`, `1 hour`,
// `5 seconds`.
std::string format_length(UnixTime seconds);
// The distance to `now`, likewise: `in 90 days`, `3 hours ago`, `just now`; `never` for 0.
std::string format_distance(UnixTime time, UnixTime now);
// The distance or, where everything is shown, the time itself.
std::string format_when(UnixTime time, UnixTime now, const Style& style);

}  // namespace patd::cli
