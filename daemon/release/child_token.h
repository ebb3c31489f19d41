// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "common/base/secrets.h"
#include "daemon/release/child_choice.h"
#include "daemon/release/child_claims.h"
#include "daemon/store/tokens/token_store.h"

#include <optional>
#include <variant>

namespace patd {

// A child is stored nowhere: the MAC, under a key of master key, parent and generation, is what
// makes it true. It dies with its parent, when the parent's generation rises (regenerate, narrowing
// edit), and at its own expiry. Its form is in docs/store-format.md; it fits kChildBytesMax.

// `parent` is the record of the claims' parent. `scratch` has room for kChildBytesMax and is empty
// before and after: mapping one for each child would be the dearest part of it. InvalidPermission
// and InvalidTarget: the parent does not have what the claims say; LimitExceeded: they name so many
// objects of areas which the parent holds whole that it would be too long.
Result<TokenSecret> make_child(const ChildClaims& claims, const Token& parent,
                               store::TokenStore& store, SecretBuffer& scratch);

// A child whose MAC is right. What it is good for is said by its parent's record.
struct OpenedChild {
    TokenId parent;
    std::uint32_t generation = 0;
    UnixTime expires = 0;
    std::variant<ChildChoice, ChildClaims> says;  // claims: an older version made it
};

// NotFound for a forged one, or one of an older data key; whether its parent is there, has this
// generation, and whether the child is expired, is the caller's question.
Result<OpenedChild> open_child(std::span<const char> secret, store::TokenStore& store);
// The same of what has the shape of a child (token_shape), by way of a `scratch` with room for
// kOldChildBytesMax: for who opens many.
Result<OpenedChild> open_child(std::span<const char> secret, store::TokenStore& store,
                               SecretBuffer& scratch);

// What a child of `parent`, of its generation, is good for. Nothing when the lists that it chose
// from are not known any more.
Result<std::optional<ChildClaims>> read_claims(OpenedChild child, const Token& parent,
                                               store::TokenStore& store);

}  // namespace patd
