// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "common/token/token.h"

#include <optional>
#include <string>

namespace patd {

// What a client asks to set on a token, checked. Unset fields stay unchanged.
struct TokenChange {
    std::optional<std::string> description;
    std::optional<PermissionList> permissions;
    std::optional<TargetList> targets;
    std::optional<ReleaseRules> rules;
    std::optional<std::string> username;
    std::optional<UnixTime> expires;
    std::optional<Confirm> confirm;
    std::optional<SecretKind> secret_kind;  // of a new token only
    std::optional<bool> through_gateway;
    bool reinstate = false;
};

// Applies `change`. A change that narrows what the token may do (permissions, targets, expiry) or
// whom it is released to raises the generation, so that children made under the wider rule die.
Result<void> apply(const TokenChange& change, Token& token);

}  // namespace patd
