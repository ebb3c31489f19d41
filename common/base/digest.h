// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include <array>
#include <cstdint>

namespace patd {

// HMAC-SHA-256 of a secret under the index key: all that is kept of an issued secret.
using Digest = std::array<std::uint8_t, 32>;

}  // namespace patd
