// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "daemon/store/tokens/opened_secrets.h"

#include "common/base/cache_limits.h"

#include <algorithm>
#include <utility>

namespace patd::store {

const OpenedSecret* OpenedSecrets::find(const TokenId& id) {
    const auto found = secrets_.find(id);
    if (found == secrets_.end())
        return nullptr;
    const Uid owner = found->second.secret.owner;
    if (changes_.is_current(owner, found->second.read_at))
        return &found->second.secret;
    forget(owner);
    return nullptr;
}

void OpenedSecrets::keep(const TokenId& id, OpenedSecret secret, std::uint64_t read_at) {
    if (!changes_.is_current(secret.owner, read_at) ||
        secret.contents.size() > limits::kOpenedSecretBytes)
        return;
    secrets_.erase(id);
    make_room(secret.owner);
    secrets_.emplace(id, Kept{std::move(secret), read_at});
}

void OpenedSecrets::make_room(Uid owner) {
    const auto is_his = [&](const auto& entry) { return entry.second.secret.owner == owner; };
    const auto his = std::count_if(secrets_.begin(), secrets_.end(), is_his);
    if (static_cast<std::size_t>(his) >= limits::kOpenedSecretsPerOwner)
        secrets_.erase(std::find_if(secrets_.begin(), secrets_.end(), is_his));
    else if (secrets_.size() + aside_.size() >= limits::kOpenedSecrets) {
        if (aside_.empty())
            secrets_.erase(secrets_.begin());
        else
            aside_.take();
    }
}

void OpenedSecrets::forget(Uid owner) {
    const auto is_his = [&](const auto& entry) { return entry.second.secret.owner == owner; };
    std::erase_if(secrets_, is_his);
    aside_.erase_if(is_his);
}

void OpenedSecrets::forget_all() {
    secrets_.clear();
    aside_.clear();
}

void OpenedSecrets::put_aside() {
    aside_.add(secrets_);
}

bool OpenedSecrets::free_some() {
    for (std::size_t i = 0; i < limits::kFreedPerStep && !aside_.empty(); ++i)
        aside_.take();
    return !aside_.empty();
}

}  // namespace patd::store
