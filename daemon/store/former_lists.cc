// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "daemon/store/former_lists.h"

#include "common/base/limits.h"

#include <algorithm>
#include <iterator>

namespace patd::store {

void FormerLists::note(const Token& before, const Token& after) {
    if (before.kind != TokenKind::Issued || before.generation != after.generation ||
        (before.permissions == after.permissions && before.targets == after.targets))
        return;
    auto kept = std::make_shared<const Token>(before);
    const std::lock_guard lock(mutex_);
    make_room(before.owner);
    tokens_.push_back(std::move(kept));
}

// Who edits much pushes out his own first.
void FormerLists::make_room(Uid owner) {
    const auto is_his = [&](const TokenPtr& token) { return token->owner == owner; };
    const auto his = std::count_if(tokens_.begin(), tokens_.end(), is_his);
    if (static_cast<std::size_t>(his) >= limits::kFormerListsPerUser)
        tokens_.erase(std::find_if(tokens_.begin(), tokens_.end(), is_his));
    else if (tokens_.size() >= limits::kFormerLists)
        tokens_.pop_front();
}

std::vector<TokenPtr> FormerLists::find(const TokenId& id, std::uint32_t generation) const {
    std::vector<TokenPtr> found;
    const std::lock_guard lock(mutex_);
    std::copy_if(
        tokens_.rbegin(), tokens_.rend(), std::back_inserter(found),
        [&](const TokenPtr& token) { return token->id == id && token->generation == generation; });
    return found;
}

}  // namespace patd::store
