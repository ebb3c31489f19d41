// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "common/token/token.h"
#include "daemon/context/context.h"

#include <string>

namespace patd {

// Where every token begins, whoever asks for it: daemon/tokens/new_token.h says which parts a
// client may choose, daemon/release/feedback.h which ones git chooses. Thread rule: the loop's
// thread.

struct TokenOwner {
    Uid uid;
    std::string name;  // of the account
};

// A new token of `owner`, made now, with a new id and nothing else set; the store does not have it
// yet. Errors as in TokenId::generate.
Result<Token> make_blank_token(const Context& context, const TokenOwner& owner, TokenKind kind);

// The latest expiry that TokenLifetimeMax= allows a token made at `created`; 0: any, or none.
UnixTime latest_expiry(const Context& context, UnixTime created);

}  // namespace patd
