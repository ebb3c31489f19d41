// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "common/base/secrets.h"
#include "common/token/token.h"
#include "daemon/store/token_store.h"

namespace patd {

// What a child token says of itself. It is stored nowhere: the MAC, under a key of master key,
// parent and generation, is what makes it true. It dies with its parent, when the parent's
// generation rises (regenerate, narrowing edit), and at its own expiry.
struct ChildClaims {
    TokenId parent;
    std::uint32_t generation = 0;
    UnixTime expires = 0;
    PermissionList permissions;
    Target target;    // where it was released for
    Origin audience;  // which servers may accept it
};

// patc1_ + base64url(body + 32 bytes of MAC) + checksum (common/token/token_string.h). The body:
// version (1), parent (10), generation (4), expires (8), then permissions, target and audience,
// each with two bytes of length; numbers are big-endian. `scratch` has room for kChildBytesMax and
// is empty before and after: mapping one for each child would be the dearest part of it.
Result<TokenSecret> make_child(const ChildClaims& claims, store::TokenStore& store,
                               SecretBuffer& scratch);

// The claims of a child whose MAC is right. NotFound for a forged one, or one of an older
// generation; whether it is expired, and what its parent allows, is the caller's question.
Result<ChildClaims> open_child(std::span<const char> secret, store::TokenStore& store);
// The same of what has the shape of a child (token_shape), by way of such a `scratch`: for who
// opens many.
Result<ChildClaims> open_child(std::span<const char> secret, store::TokenStore& store,
                               SecretBuffer& scratch);

}  // namespace patd
