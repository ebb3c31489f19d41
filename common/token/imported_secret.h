// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "common/base/secrets.h"

#include <span>

namespace patd {

// Whether a secret that was made elsewhere can be kept: 1 to kTokenSecretBytes bytes without
// control characters, and none of patd's own making. InvalidSecret.
Result<void> check_imported_secret(std::span<const char> secret);
Result<void> check_imported_secret(const TokenSecret& secret);

}  // namespace patd
