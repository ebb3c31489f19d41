// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "daemon/config/catalogue.h"

namespace patd {
namespace {

bool names_access(const Permission& permission) {
    return permission.text().ends_with(":ro") || permission.text().ends_with(":rw");
}

Result<Permission> widest(const CatalogueEntry& entry) {
    return Permission::parse(entry.area + ":" + entry.object +
                             (entry.access == ObjectAccess::ReadWrite ? ":rw" : ":ro"));
}

}  // namespace

void Catalogue::set(CatalogueEntry entry) {
    const auto key = std::pair(entry.area, entry.object);
    entries_.insert_or_assign(key, std::move(entry));
}

std::vector<CatalogueEntry> Catalogue::entries() const {
    std::vector<CatalogueEntry> entries;
    entries.reserve(entries_.size());
    for (const auto& [key, entry] : entries_)
        entries.push_back(entry);
    return entries;
}

// None when the catalogue does not have it.
Result<PermissionList> Catalogue::leaves_of(const Permission& wanted) const {
    PermissionList leaves;
    for (const auto& [key, entry] : entries_) {
        if (entry.object.empty())
            continue;
        const Permission all = TRY(widest(entry));
        if (names_access(wanted) && all.covers(wanted))
            leaves.push_back(wanted);
        if (!names_access(wanted) && wanted.covers(all))
            leaves.push_back(all);
    }
    return leaves;
}

Result<PermissionList> Catalogue::resolve(const PermissionList& wanted,
                                          const PermissionList& held) const {
    std::vector<std::string> texts;
    for (const Permission& permission : wanted) {
        PermissionList leaves = TRY(leaves_of(permission));
        if (leaves.empty() && names_access(permission) && covers(held, permission))
            leaves = {permission};
        if (leaves.empty())
            return Errc::UnknownPermission;
        for (const Permission& leaf : leaves)
            texts.push_back(leaf.text());
    }
    if (texts.empty())
        return PermissionList();
    return parse_permissions(texts);
}

}  // namespace patd
