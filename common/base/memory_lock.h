// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "common/base/result.h"

#include <cstddef>

namespace patd {

// Whether this process may lock `bytes` more of memory now, as SecretBuffer silently tries to.
// Unavailable, with the system's reason and the limit, if not. Nothing stays locked.
Result<void> check_memory_lock(std::size_t bytes);

}  // namespace patd
