// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "daemon/context/subscriptions.h"

#include "common/base/limits.h"

namespace patd {

Result<void> Subscriptions::add(const Caller& caller) {
    std::set<std::string>& own = connections_[caller.uid];
    if (!own.contains(caller.connection) && own.size() >= limits::kSubscriptionsPerUser)
        return Errc::LimitExceeded;
    own.insert(caller.connection);
    return {};
}

void Subscriptions::remove(const Caller& caller) {
    const auto own = connections_.find(caller.uid);
    if (own != connections_.end() && own->second.erase(caller.connection) > 0 &&
        own->second.empty())
        connections_.erase(own);
}

void Subscriptions::forget(const std::string& connection) {
    for (auto& [owner, own] : connections_)
        own.erase(connection);
    std::erase_if(connections_, [](const auto& entry) { return entry.second.empty(); });
}

void Subscriptions::tell(const OwnerSignal& signal) const {
    const auto own = connections_.find(signal.owner);
    if (own == connections_.end() || !send_)
        return;
    for (const std::string& connection : own->second)
        send_(connection, signal);
}

}  // namespace patd
