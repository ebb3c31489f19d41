// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "common/base/secret_buffer.h"

#include <span>
#include <string_view>

namespace patd {

// base64url without padding (RFC 4648 §5), directly between SecretBuffers: no copy is left behind.

// LimitExceeded if `out` is too small; then nothing is written.
Result<void> append_base64url(SecretBuffer& out, std::span<const char> bytes);
// The same in plain base64 with padding (RFC 4648 §4), which HTTP's Basic scheme wants.
Result<void> append_base64(SecretBuffer& out, std::span<const char> bytes);
// MalformedRequest for another alphabet, an impossible length, or leftover bits that are not zero
// (each value has exactly one text).
Result<void> append_decoded_base64url(SecretBuffer& out, std::string_view text);

}  // namespace patd
