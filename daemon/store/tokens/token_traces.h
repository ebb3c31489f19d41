// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "common/base/digest.h"
#include "common/base/secrets.h"
#include "common/token/token.h"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <unordered_map>

namespace patd::store {

struct ListedToken {
    Token token;
    LastUse last_use;
};

using TokenPtr = std::shared_ptr<const Token>;
using LastUses = std::unordered_map<TokenId, LastUse, TokenId::Hash>;

// What a release needs of an imported token.
struct ImportedSecret {
    TokenSecret secret;
    RefreshToken refresh;  // empty if there is none
    Digest digest;         // of the secret
};

// Half of HMAC-SHA-256 is enough for a child's MAC (docs/adr/0025).
inline constexpr std::size_t kChildMacBytes = 16;

// A child token's parent, the parent's generation, and its body.
struct ChildBody {
    const TokenId& parent;
    std::uint32_t generation;
    std::span<const char> body;
};

// The remains of a secret that died, so that its later use is recognised.
struct Tombstone {
    TokenId id;
    Uid owner;
    UnixTime died = 0;
};

}  // namespace patd::store
