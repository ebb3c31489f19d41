// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "common/bus/dict.h"
#include "common/token/token.h"

#include <optional>
#include <string>

namespace patd {

// What a client asks to set on a token, checked. Unset fields stay as they are.
struct TokenChange {
    std::optional<std::string> description;
    std::optional<PermissionList> permissions;
    std::optional<TargetList> targets;
    std::optional<ReleaseRules> rules;
    std::optional<std::string> username;
    std::optional<UnixTime> expires;
    std::optional<Confirm> confirm;
    bool reinstate = false;
};

// Which keys a method takes: an option that is documented for another method is unknown here.
enum class ChangeKeys { Create, Import, Update, Regenerate };

// Reads the options of org.patd.Tokens1.xml. UnknownOption, and the Invalid... of each field.
Result<TokenChange> parse_token_change(bus::Dict options, ChangeKeys keys, UnixTime now);

// Applies `change`. A change that narrows what the token may do (permissions, targets, expiry)
// or whom it is released to raises the generation, so that children made under the wider rule die.
Result<void> apply(const TokenChange& change, Token& token);

// The moment at which a token is described: what expires until `soon` is marked.
struct DescribedAt {
    UnixTime now = 0;
    UnixTime soon = 0;
};

// The D-Bus dictionary of a token.
bus::Dict describe(const Token& token, const LastUse& last_use, const DescribedAt& at);

}  // namespace patd
