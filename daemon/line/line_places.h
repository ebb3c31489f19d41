// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "common/base/service_limits.h"

#include <algorithm>

namespace patd {

// How many connections a line socket may have: in all, of one user, and of all strangers
// (daemon/admission/lots.h) together; and separately, of services. ConnectionLots decides who gives
// way at the limit.
struct LinePlaces {
    std::size_t all = limits::kLineConnections;
    std::size_t of_user = limits::kLineConnectionsPerUser;
    std::size_t of_strangers = limits::kLineStrangers;
    std::size_t services = limits::kLineServices;
    std::size_t of_service = limits::kLineConnectionsPerService;

    // These, or fewer if the process may have so few `descriptors` that connections would use them
    // up: everybody's connections, those of services, and everything else get a third each.
    constexpr LinePlaces within(std::size_t descriptors) const {
        constexpr std::size_t kLeast = 8;
        const std::size_t third =
            (std::max(descriptors, limits::kOwnDescriptors) - limits::kOwnDescriptors) / 3;
        LinePlaces places = *this;
        places.all = std::min(all, std::max(third, kLeast));
        places.services = std::min(services, std::max(third, kLeast));
        return places;
    }
};

}  // namespace patd
