// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "common/base/clock.h"
#include "common/base/result.h"

#include <cstdint>
#include <string>
#include <string_view>

namespace patd::cli {

// A number and one unit, in seconds: s, m (minutes), h, d, w, y (365 days). `90d`, `5m`, `1y`.
// InvalidExpiry: a sign, a space, a fraction, no unit, zero, or more than an expiry may be ahead.
Result<std::int64_t> parse_duration(std::string_view text);

// `never` (0), a duration from `now`, or YYYY-MM-DD: the token works through that day and expires
// at the midnight that ends it, local time. InvalidExpiry. Whether it lies in the future is for
// parse_expiry (common/token) and the service to say.
Result<UnixTime> parse_expiry_text(std::string_view text, UnixTime now);

// What is wrong with the form of one that was typed, and the nearest; nothing when it has it.
std::string check_duration(const std::string& text);
std::string check_expiry(const std::string& text);

}  // namespace patd::cli
