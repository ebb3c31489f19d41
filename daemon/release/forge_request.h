// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "common/token/permission.h"
#include "daemon/config/forges.h"

#include <optional>
#include <string>
#include <string_view>

namespace patd {

// A request to a forge that the gateway may let through.
struct ForgeRequest {
    std::string place;  // the repository, or the path of a REST call; as in Target::path
    Permission permission;
    ForgeAuth auth;  // how the forge takes the secret for it
    bool is_git = false;
};

// What `method` and `target` do, a raw request target (RFC 9112: the bytes that are sent upstream
// as they are). Of git's smart HTTP: fetching, which reads, and pushing, which writes; of REST what
// the forge's table lists; null: there is none. Nothing for all else, and for every target that two
// servers could read differently: dot segments, empty ones, escapes of what means something in a
// path, fragments, backslashes. Pure.
std::optional<ForgeRequest> judge_forge_request(const Forge* forge, std::string_view method,
                                                std::string_view target);

}  // namespace patd
