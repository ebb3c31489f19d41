// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "common/token/token.h"

#include <cstdint>

namespace patd {

// What a child token stands for.
struct ChildClaims {
    TokenId parent;
    std::uint32_t generation = 0;
    UnixTime expires = 0;
    PermissionList permissions;
    Target target;    // where it was released for
    Origin audience;  // which servers may accept it
    // Of an imported token: the gateway alone accepts it, and nobody accepts it for another one.
    bool for_gateway = false;
};

}  // namespace patd
