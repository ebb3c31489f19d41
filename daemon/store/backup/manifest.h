// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "common/base/clock.h"
#include "common/base/result.h"

#include <cstdint>
#include <string>
#include <string_view>

namespace patd::store {

// The beginning of a backup (docs/store-format.md): what it holds, and the id of its master key.
struct Manifest {
    UnixTime made = 0;  // not before 1970
    std::uint64_t schema = 0;
    std::uint64_t tokens = 0;
    std::uint64_t tombstones = 0;
    std::uint64_t events = 0;
    std::uint64_t store_bytes = 0;
    std::uint64_t audit_bytes = 0;
};

inline constexpr std::string_view kManifestFirstLine = "patd-backup 1\n";
inline constexpr std::size_t kManifestBytes = 1024;
// The id of a master key in bytes; it is written in hexadecimal digits.
inline constexpr std::size_t kKeyIdBytes = 8;

// Pure. The blank line ends it.
std::string format_manifest(const Manifest& manifest, std::string_view key_id);
// Of the whole text. ForeignBackup: it says that it is of another master key than `own_key_id`'s.
// InvalidBackup.
Result<Manifest> parse_manifest(std::string_view text, std::string_view own_key_id);

}  // namespace patd::store
