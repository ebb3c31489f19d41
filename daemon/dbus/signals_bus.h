// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "common/base/result.h"
#include "daemon/context/subscriptions.h"

#include <string>

struct sd_bus;

namespace patd {

// Sends `signal` on `bus` as a signal of org.patd.Tokens1.Manager with the destination
// `connection`, a unique name: the bus delivers it to that connection alone. Unavailable.
// Thread rule: the loop's thread.
Result<void> send_signal(sd_bus* bus, const std::string& connection, const OwnerSignal& signal);

}  // namespace patd
