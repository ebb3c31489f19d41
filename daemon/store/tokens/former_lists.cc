// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "daemon/store/tokens/former_lists.h"

#include "common/base/limits.h"

#include <algorithm>
#include <iterator>

namespace patd::store {

void FormerLists::note(const Token& before, const Token& after) {
    if (before.kind != TokenKind::Issued || before.generation != after.generation ||
        (before.permissions == after.permissions && before.targets == after.targets))
        return;
    // Only what reading a child's choice needs.
    const auto kept = std::make_shared<Token>(Token{before.id, before.owner});
    kept->generation = before.generation;
    kept->permissions = before.permissions;
    kept->targets = before.targets;
    const auto is_same = [&](const TokenPtr& token) {
        return token->id == before.id && token->generation == before.generation &&
               token->permissions == before.permissions && token->targets == before.targets;
    };
    const std::lock_guard lock(mutex_);
    // An edit that failed, or that goes back and forth, pushes nothing out.
    if (std::any_of(tokens_.begin(), tokens_.end(), is_same))
        return;
    make_room(before.owner);
    tokens_.push_back(kept);
}

// An owner who edits a lot pushes out their own lists first.
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
