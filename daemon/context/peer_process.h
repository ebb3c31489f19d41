// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "common/base/caller.h"

namespace patd {

// The process that connected `socket`, a UNIX stream socket. NotFound: it is gone, and its number
// may belong to another; Unavailable: the kernel does not say.
Result<Process> open_peer(int socket);

// Whether the process of `process.pidfd` is still running.
bool is_alive(const Process& process);

// Whether this kernel gives descriptors of peers (SO_PEERPIDFD, 6.5): if so, release rules are
// enforced, else advisory.
bool has_peer_descriptors();

}  // namespace patd
