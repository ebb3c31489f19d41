// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "common/base/clock.h"
#include "common/base/uid.h"
#include "common/token/token_id.h"

#include <cstdint>
#include <optional>

namespace patd::store {

// What a change of the store took away, and an older store would give back. The last two cancel
// deaths before them: the token was brought back by a restore or reinstated; the owner unlocked.
struct Death {
    enum class Cause { Deleted, Regenerated, Edited, Quarantined, Locked, Revived, Unlocked };

    Cause cause = Cause::Deleted;
    Uid owner{0xffffffffU};
    std::optional<TokenId> token = std::nullopt;  // none: Locked, Unlocked
    std::int64_t generation = 0;                  // of the store, after that change (anchor.h)
    std::uint32_t secret = 0;  // Regenerated: the generation of the token's new secret
    UnixTime at = 0;

    friend bool operator==(const Death&, const Death&) = default;
};

}  // namespace patd::store
