// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "daemon/release/child_claims.h"
#include "daemon/store/tokens/token_store.h"

#include <array>
#include <cstdint>
#include <optional>
#include <string>

namespace patd {

// What a child may do, and where, in few bytes: a choice from the lists of its parent's record,
// and a check on what was chosen, so that after an edit nothing else is meant by it.
struct ChildChoice {
    static constexpr std::size_t kCheckBytes = 8;
    using Check = std::array<char, kCheckBytes>;

    std::uint8_t target = 0;    // which of the parent's targets
    std::uint8_t audience = 0;  // the first of them that has that origin
    Check check{};
    bool is_spelled = false;  // whether the permissions are text; else a set over the parent's
    std::string permissions;
};

// `parent` is the record that `claims` are about. InvalidPermission, InvalidTarget: it does not
// have what they say.
Result<ChildChoice> choose(const ChildClaims& claims, const Token& parent,
                           store::TokenStore& store);
// What was chosen from the lists of `parent`, as it is or as it was before an edit, but for the
// expiry; nothing when it was chosen from others.
Result<std::optional<ChildClaims>> read_choice(const ChildChoice& choice, const Token& parent,
                                               store::TokenStore& store);

}  // namespace patd
