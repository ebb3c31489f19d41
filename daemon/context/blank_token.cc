// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "daemon/context/blank_token.h"

namespace patd {

Result<Token> make_blank_token(const Context& context, const TokenOwner& owner, TokenKind kind) {
    Token token{TRY(TokenId::generate(context.random)), owner.uid, owner.name};
    token.kind = kind;
    token.username = owner.name;
    token.created = context.clock.now();
    return token;
}

UnixTime latest_expiry(const Context& context, UnixTime created) {
    const std::int64_t longest = context.state.settings.token_lifetime_max.count();
    return longest == 0 ? 0 : created + longest;
}

}  // namespace patd
