// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "daemon/store/backup/manifest.h"
#include "tests/fuzz/input.h"
#include "tests/fuzz/targets.h"

namespace patd::fuzz {

// The beginning of a backup; whoever has only the file can write any.
void manifests(std::string_view input) {
    constexpr std::string_view kKeyId = "0123456789abcdef";
    const Result<store::Manifest> read = store::parse_manifest(input, kKeyId);
    if (!read)
        return;
    require(read->made >= 0, "a backup was made after 1970");
    const std::string text = store::format_manifest(*read, kKeyId);
    require(text.size() <= store::kManifestBytes, "a manifest has room");
    const Result<store::Manifest> again = store::parse_manifest(text, kKeyId);
    require(again && store::format_manifest(*again, kKeyId) == text,
            "a manifest is printed as itself");
    const Result<store::Manifest> foreign = store::parse_manifest(text, "fedcba9876543210");
    require(!foreign && foreign.error().code == Errc::ForeignBackup,
            "a backup of another key is told apart");
}

}  // namespace patd::fuzz
