// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "common/base/result.h"
#include "common/base/uid.h"

namespace patd::step_up {

// The uid at the other end of a connected UNIX socket, as the kernel noted it when the connection
// was made (SO_PEERCRED, unix(7)). InsecurePeer when `fd` is no such socket.
Result<Uid> peer_uid(int fd);

}  // namespace patd::step_up
