// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include <cstdint>
#include <string>

namespace patd::credential_helper {

// Seconds since 1970 as RFC 3339 has them, in UTC: 2030-01-01T00:00:00Z. A year beyond 9999, which
// that form cannot say, is 9999.
std::string format_time(std::int64_t seconds);

}  // namespace patd::credential_helper
