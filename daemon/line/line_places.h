// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "common/base/service_limits.h"

namespace patd {

// How many connections a line socket has, in all, of one user, and of all strangers
// (daemon/admission/lots.h) together; and beside them of services. Who gives way when there are as
// many: ConnectionLots.
struct LinePlaces {
    std::size_t all = limits::kLineConnections;
    std::size_t of_user = limits::kLineConnectionsPerUser;
    std::size_t of_strangers = limits::kLineStrangers;
    std::size_t services = limits::kLineServices;
    std::size_t of_service = limits::kLineConnectionsPerService;
};

}  // namespace patd
