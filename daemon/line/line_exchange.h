// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "common/line/line_message.h"
#include "daemon/release/gateway_exchange.h"

namespace patd {

// The whole reply to op=exchange, as in docs/line-protocol.md. MalformedRequest: a secret or a user
// name that the format cannot carry.
Result<void> write_exchanged(SecretBuffer& reply, const Exchanged& exchanged);

}  // namespace patd
