// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "common/token/permission.h"

#include <map>
#include <string>
#include <utility>
#include <vector>

namespace patd {

// What can be granted on an object: reading, or also writing, which includes reading.
enum class ObjectAccess { ReadOnly, ReadWrite };

// An area, or an object in it, with a sentence for people.
struct CatalogueEntry {
    std::string area;
    std::string object;  // "": the area itself
    ObjectAccess access = ObjectAccess::ReadOnly;
    std::string description;
};

// The permissions that a token can be given on this machine. The empty catalogue has none, so
// nothing can be given. What tokens already hold does not depend on it.
// Thread rule: a value; reading is safe from any thread.
class Catalogue {
  public:
    // Replaces an existing entry for that area and object.
    void set(CatalogueEntry entry);

    std::size_t size() const { return entries_.size(); }
    // Sorted by area and object; an area comes before its objects.
    std::vector<CatalogueEntry> entries() const;

    // What `wanted` means today, only in the form `area:object:access`: `area:object` becomes the
    // widest access of that object, `area` that of each of its objects. So a later change of the
    // catalogue changes no token. Permissions in `held` can be kept even if the catalogue has lost
    // them. UnknownPermission; InvalidPermission if it expands to more than a token may hold.
    Result<PermissionList> resolve(const PermissionList& wanted,
                                   const PermissionList& held = {}) const;

  private:
    Result<PermissionList> leaves_of(const Permission& wanted) const;

    std::map<std::pair<std::string, std::string>, CatalogueEntry> entries_;
};

}  // namespace patd
