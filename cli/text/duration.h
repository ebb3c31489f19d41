// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "common/base/clock.h"
#include "common/base/result.h"

#include <cstdint>
#include <string>
#include <string_view>

namespace patd::cli {

// Seconds, in the grammar of common/base/duration.h. InvalidExpiry, whose context names what was
// typed and what is wrong with it: no number, no unit, an unknown one, zero, or more than an expiry
// may be ahead.
Result<std::int64_t> parse_duration(std::string_view text);
// The same, where a number alone is one of seconds.
Result<std::int64_t> parse_lifetime(std::string_view text);

// `never` (0), a duration from `now`, or YYYY-MM-DD: the token works through that day and expires
// at the midnight that ends it, local time. InvalidExpiry: neither of these, or not in the future;
// its context says which.
Result<UnixTime> parse_expiry_text(std::string_view text, UnixTime now);

// "90d", "1h", "300s": in the largest unit of which it is a whole number, as parse_duration takes
// it.
std::string format_duration(std::int64_t seconds);

}  // namespace patd::cli
