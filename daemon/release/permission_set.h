// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "common/token/permission.h"

#include <optional>
#include <string>
#include <string_view>

namespace patd {

// Permissions as a set over a list that covers them: two bits for each of the list, the first in
// the lowest bits of the first byte. 0: not this one; 1: as it stands there; 2: of read and write
// only to read; 3: its other name (`area:object` is both accesses, as `area:object:rw` is).

// Nothing when one of `permissions` is none of these: an object of an area that is held whole.
std::optional<std::string> encode_permission_set(const PermissionList& permissions,
                                                 const PermissionList& list);
// What was encoded over `list`; nothing for what cannot have been.
std::optional<PermissionList> decode_permission_set(std::string_view set,
                                                    const PermissionList& list);

}  // namespace patd
