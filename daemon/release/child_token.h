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

// A child is stored nowhere: what makes it genuine is the MAC, under a key derived from master key,
// parent and generation. It dies with its parent, when the parent's generation rises (regenerate,
// narrowing edit), and at its own expiry. docs/store-format.md has its form; it fits
// kChildBytesMax.

// `parent` is the record of the claims' parent. `scratch` has room for kChildBytesMax and is empty
// before and after: mapping one for each child would be the most expensive part. InvalidPermission
// and InvalidTarget: the parent does not have what the claims say; LimitExceeded: they name so many
// objects of areas that the parent holds in full that the child would be too long.
Result<TokenSecret> make_child(const ChildClaims& claims, const Token& parent,
                               store::TokenStore& store, SecretBuffer& scratch);
// The same without memory of its own: `text`, empty and of kChildBytesMax, becomes the child.
struct ChildRoom {
    SecretBuffer& scratch;
    SecretBuffer text;
};
Result<TokenSecret> make_child(const ChildClaims& claims, const Token& parent,
                               store::TokenStore& store, ChildRoom room);

// A child whose MAC is right. Its parent's record says what it can do.
struct OpenedChild {
    TokenId parent;
    std::uint32_t generation = 0;
    UnixTime expires = 0;
    bool for_gateway = false;
    std::variant<ChildChoice, ChildClaims> says;  // claims: made by an older version
};

// NotFound for a forged child, or one of an older data key. The caller must check whether its
// parent exists and has this generation, and whether the child has expired.
Result<OpenedChild> open_child(std::span<const char> secret, store::TokenStore& store);
// The same for text that has the shape of a child (token_shape), using a `scratch` with room for
// kOldChildBytesMax: for callers that open many.
Result<OpenedChild> open_child(std::span<const char> secret, store::TokenStore& store,
                               SecretBuffer& scratch);

// What a child of `parent`, of its generation, can do. Nothing if the lists that it chose from are
// no longer known.
Result<std::optional<ChildClaims>> read_claims(OpenedChild child, const Token& parent,
                                               store::TokenStore& store);

}  // namespace patd
