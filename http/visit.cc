// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "http/visit.h"

#include "common/base/http_limits.h"
#include "http/refusals.h"

namespace patd::web {

std::string_view Visit::client() const {
    if (!peer.says_client)
        return {};
    // Each proxy appends whom it saw. What stands before came from further away.
    std::string_view address = request.forwarded_for;
    if (const std::size_t comma = address.rfind(','); comma != address.npos)
        address.remove_prefix(comma + 1);
    const std::size_t begin = address.find_first_not_of(" \t");
    if (begin == address.npos || address.size() - begin > limits::kHttpAddressBytes)
        return {};
    return address.substr(begin);
}

std::string Visit::place() const {
    std::string place = Refusals::place_of(client());
    if (place.empty())
        place = peer.name;
    return place.starts_with("127.") || place.starts_with("::") ? std::string() : place;
}

}  // namespace patd::web
