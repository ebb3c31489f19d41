// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "common/base/secrets.h"

#include <span>

namespace patd {

// The master key as text that survives paper and typing (docs/store-format.md, "Recovery file"):
// four lines of eight bytes, each with its number and its own checksum, in letters that are hard to
// confuse.
inline constexpr std::size_t kMasterKeyBytes = 32;
// The longest text that is read: the file with its comments, however it was wrapped.
inline constexpr std::size_t kRecoveryTextBytes = 4096;

// Internal: the key is not 32 bytes long.
Result<SecretBuffer> format_recovery_key(const MasterKey& key);
// Accepts lower case, O for 0, I and L for 1, and any spaces or hyphens; skips empty lines and
// lines that begin with `#`. InvalidKey, with the number of the first line that is wrong or
// missing.
Result<MasterKey> parse_recovery_key(std::span<const char> text);

}  // namespace patd
