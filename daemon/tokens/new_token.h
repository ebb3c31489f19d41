// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "common/token/token.h"
#include "daemon/context/change.h"
#include "daemon/context/context.h"
#include "daemon/operation/plan.h"
#include "daemon/tokens/token_change.h"

#include <cstddef>
#include <functional>
#include <optional>
#include <string>

namespace patd {

// A token that an owner or root asks for: the rules are the same for both.
// Thread rule: the loop's thread.

struct NewToken {
    std::string owner_name;  // the owner's account name
    std::string description;
    PermissionList permissions;  // may be empty for an import
    TokenChange options;
};

// InvalidExpiry: later than TokenLifetimeMax= allows; 0 is never.
Result<void> check_lifetime(const Context& context, UnixTime expires);
// NoGateway: it is to go through a gateway that this machine does not have.
Result<void> check_gateway(const Context& context, const TokenChange& change);
// LimitExceeded: with `count` more the owner would exceed TokensPerUser=.
Result<void> check_room(const Context& context, Uid owner, std::size_t count);

// The token that `request` describes, frozen with what the catalogue now makes of its permissions;
// the store does not have it yet. Errors: those of TokenId::generate, Catalogue::resolve, apply and
// check_lifetime.
Result<Token> make_issued(const Context& context, Uid owner, const NewToken& request);
// Likewise, for a token that was made elsewhere: InvalidTarget and InvalidUsername if it does not
// say where it is used, and as whom.
Result<Token> make_imported(const Context& context, Uid owner, const NewToken& request);

// The result of a final commit; names the token, if it was about one.
Committed committed(const std::optional<TokenId>& token);

// A Plan that asks for the secret of `token`, which was made elsewhere, and runs `write` with it at
// Commit, as the change that `event` names. InvalidSecret at Commit: it cannot be one. `context`
// must outlive it.
using WriteSecret = std::function<Result<void>(const TokenSecret&)>;
Plan plan_given(const Context& context, const ChangeEvent& event, const Token& token,
                WriteSecret write);

}  // namespace patd
