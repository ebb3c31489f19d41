// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "common/base/result.h"

struct sd_bus;

namespace patd::client {

// Has the bus start the service, and waits until it owns its name. If systemd says that nothing is
// being started, or that it restarts again and again, we need not wait for the bus, which learns of
// neither and gives up after 25 s. Unavailable: it was not started. Thread rule: the thread of
// `bus`.
Result<void> start_service(sd_bus* bus);

}  // namespace patd::client
