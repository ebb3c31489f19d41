// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "common/base/caller.h"

namespace patd {

// The process that connected `socket`, a UNIX stream socket. NotFound: it is gone, and perhaps its
// number is another's; Unavailable: the kernel does not say.
Result<Process> open_peer(int socket);

// Whether the process of `process.pidfd` has not ended.
bool is_alive(const Process& process);

// Whether this kernel gives descriptors of peers (SO_PEERPIDFD, 6.5): then release rules are
// enforced, else advisory.
bool has_peer_descriptors();

}  // namespace patd
