// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "daemon/store/backup/manifest.h"

#include "common/base/parse_number.h"

#include <array>
#include <limits>
#include <utility>

namespace patd::store {
namespace {

constexpr std::string_view kKeyField = "key ";

struct Field {
    std::string_view name;
    std::uint64_t Manifest::*number;
};
constexpr std::array<Field, 6> kFields{{
    {"schema", &Manifest::schema},
    {"tokens", &Manifest::tokens},
    {"tombstones", &Manifest::tombstones},
    {"events", &Manifest::events},
    {"store-bytes", &Manifest::store_bytes},
    {"audit-bytes", &Manifest::audit_bytes},
}};

// Takes "name 42\n" off the front.
Result<std::uint64_t> take_field(std::string_view& text, std::string_view name) {
    if (!text.starts_with(name) || text.size() <= name.size() || text[name.size()] != ' ')
        return Errc::InvalidBackup;
    text.remove_prefix(name.size() + 1);
    const auto number = take_number<std::uint64_t>(text);
    if (!number || !text.starts_with('\n'))
        return Errc::InvalidBackup;
    text.remove_prefix(1);
    return *number;
}

// Backups of before this line have none.
Result<void> check_key_id(std::string_view& text, std::string_view own) {
    if (!text.starts_with(kKeyField))
        return {};
    text.remove_prefix(kKeyField.size());
    const std::string_view id = text.substr(0, 2 * kKeyIdBytes);
    if (text.substr(id.size()) != "\n\n")
        return Errc::InvalidBackup;
    text.remove_prefix(id.size() + 1);
    return id == own ? Result<void>() : Result<void>(Errc::ForeignBackup);
}

}  // namespace

std::string format_manifest(const Manifest& manifest, std::string_view key_id) {
    std::string text(kManifestFirstLine);
    text += "made " + std::to_string(manifest.made) + "\n";
    for (const Field& field : kFields)
        text += std::string(field.name) + " " + std::to_string(manifest.*field.number) + "\n";
    return text.append(kKeyField).append(key_id).append("\n\n");
}

Result<Manifest> parse_manifest(std::string_view text, std::string_view own_key_id) {
    if (!text.starts_with(kManifestFirstLine))
        return Errc::InvalidBackup;
    text.remove_prefix(kManifestFirstLine.size());
    Manifest manifest;
    const std::uint64_t made = TRY(take_field(text, "made"));
    if (std::cmp_greater(made, std::numeric_limits<UnixTime>::max()))
        return Errc::InvalidBackup;
    manifest.made = static_cast<UnixTime>(made);
    for (const Field& field : kFields)
        manifest.*field.number = TRY(take_field(text, field.name));
    TRY(check_key_id(text, own_key_id));
    if (text != "\n")
        return Errc::InvalidBackup;
    return manifest;
}

}  // namespace patd::store
