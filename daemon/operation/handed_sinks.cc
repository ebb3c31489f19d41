// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "daemon/operation/handed_sinks.h"

#include <utility>

namespace patd {

void HandedSinks::keep(const std::string& connection, UniqueFd source, Ticket ticket) {
    const std::uint64_t number = ++last_number_;
    Kept kept{connection, std::move(ticket), std::move(source), {}};
    // Readable: the other end is closed, or a holder wrote.
    kept.source =
        loop_.watch(kept.fd.get(), EPOLLIN, [this, number](std::uint32_t) { kept_.erase(number); });
    kept_.emplace(number, std::move(kept));
}

void HandedSinks::forget(const std::string& connection) {
    std::erase_if(kept_, [&](const auto& entry) { return entry.second.connection == connection; });
}

}  // namespace patd
