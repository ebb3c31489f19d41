// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "common/base/clock.h"
#include "common/base/result.h"

#include <string_view>

namespace patd::cli {

// A moment in the past: how long before `now` (`2h`, `7d`), or in local time `today`,
// `yesterday` or `YYYY-MM-DD` (their midnights), `YYYY-MM-DD HH:MM` or `YYYY-MM-DD HH:MM:SS`.
// MalformedRequest: anything else, or a time that no calendar has.
Result<UnixTime> parse_moment(std::string_view text, UnixTime now);

}  // namespace patd::cli
