// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "common/base/result.h"

#include <string>

namespace patd::auth {

// The beginning, 64 bytes at most, of a file that tells one short word. NotFound: there is none.
// Unavailable.
Result<std::string> read_short_file(const std::string& path);

}  // namespace patd::auth
