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

// Empty if the catalogue does not have it.
Result<PermissionList> Catalogue::leaves_of(const Permission& wanted) const {
    const std::string& text = wanted.text();
    const std::size_t colon = text.find(':');
    const std::string area = text.substr(0, colon);
    PermissionList leaves;
    if (colon == std::string::npos) {
        for (auto next = entries_.lower_bound({area, ""});
             next != entries_.end() && next->first.first == area; ++next) {
            if (!next->second.object.empty())
                leaves.push_back(TRY(widest(next->second)));
        }
        return leaves;
    }
    const std::string rest = text.substr(colon + 1);
    const auto found = entries_.find({area, rest.substr(0, rest.find(':'))});
    if (found == entries_.end())
        return leaves;
    const Permission all = TRY(widest(found->second));
    if (!names_access(wanted))
        leaves.push_back(all);
    else if (all.covers(wanted))
        leaves.push_back(wanted);
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
