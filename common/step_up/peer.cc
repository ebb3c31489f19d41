// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "common/step_up/peer.h"

#include <sys/socket.h>

namespace patd::step_up {

Result<Uid> peer_uid(int fd) {
    ucred peer{};
    socklen_t length = sizeof(peer);
    // A socket that was never connected has the pid 0 and the uid -1.
    if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &length) != 0 || peer.pid == 0)
        return Error{Errc::InsecurePeer, "no peer credentials"};
    return Uid(peer.uid);
}

}  // namespace patd::step_up
