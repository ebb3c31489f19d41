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

// What a child may do, and where, in few bytes: a choice from the lists in its parent's record, and
// a check over what was chosen, so that it means nothing else after an edit.
struct ChildChoice {
    static constexpr std::size_t kCheckBytes = 8;
    using Check = std::array<char, kCheckBytes>;

    std::uint8_t target = 0;    // which of the parent's targets
    std::uint8_t audience = 0;  // the first of them with that origin
    Check check{};
    bool for_gateway = false;
    bool is_spelled = false;  // whether the permissions are text, or else a set over the parent's
    std::string permissions;
};

// `parent` is the record that `claims` are about. InvalidPermission, InvalidTarget: it does not
// have what they say.
Result<ChildChoice> choose(const ChildClaims& claims, const Token& parent,
                           store::TokenStore& store);
// What was chosen from the lists of `parent`, now or as they were before an edit, except for the
// expiry; nothing if it was chosen from other lists.
Result<std::optional<ChildClaims>> read_choice(const ChildChoice& choice, const Token& parent,
                                               store::TokenStore& store);

}  // namespace patd
