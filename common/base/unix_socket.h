// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "common/base/result.h"
#include "common/base/uid.h"
#include "common/base/unique_fd.h"

#include <sys/socket.h>
#include <sys/un.h>

#include <string_view>

namespace patd {

// UNIX stream sockets (unix(7)). Thread rule: any.

// Unavailable: `path` is empty, or too long with its final NUL.
Result<sockaddr_un> unix_address(std::string_view path);

// The pointer type that bind(2) and connect(2) want.
inline const sockaddr* as_sockaddr(const sockaddr_un& address) {
    return reinterpret_cast<const sockaddr*>(&address);
}

// A connected socket. Waits if the backlog is full, unless `flags` has SOCK_NONBLOCK. Unavailable:
// nobody listens, or there is no room.
Result<UniqueFd> connect_unix(std::string_view path, int flags = 0);

// Who is at the other end, as the kernel recorded it (SO_PEERCRED): the process that connected,
// called listen(2) or made the pair.
struct Peer {
    pid_t pid;  // 0: a process outside our PID namespace
    Uid uid;
};
// InsecurePeer: `fd` is not such a socket, or was never connected.
Result<Peer> find_peer(int fd);

}  // namespace patd
