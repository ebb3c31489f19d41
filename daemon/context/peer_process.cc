// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "daemon/context/peer_process.h"

#include "common/base/unix_socket.h"

#include <poll.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>

namespace patd {
namespace {

// asm-generic/socket.h of Linux 6.5; Debian 12's header does not have it.
constexpr int kPeerPidfd = 77;

// The descriptor; empty if the kernel cannot give one.
Result<UniqueFd> open_pidfd(int socket) {
    int pidfd = -1;
    socklen_t size = sizeof pidfd;
    if (getsockopt(socket, SOL_SOCKET, kPeerPidfd, &pidfd, &size) == 0)
        return UniqueFd(pidfd);
    if (errno == ENOPROTOOPT)
        return UniqueFd();
    // What kernels return if the process was already reaped.
    if (errno == ESRCH || errno == EINVAL || errno == ENODATA)
        return Errc::NotFound;
    return Error{Errc::Unavailable, "SO_PEERPIDFD"};
}

}  // namespace

Result<Process> open_peer(int socket) {
    const Result<Peer> peer = find_peer(socket);
    if (!peer)
        return Error{Errc::Unavailable, peer.error().context};
    UniqueFd pidfd = TRY(open_pidfd(socket));
    // 0: a process outside our PID namespace.
    if (peer->pid <= 0)
        return Error{Errc::Unavailable, "a process of another PID namespace"};
    return Process{peer->pid, std::move(pidfd)};
}

bool is_alive(const Process& process) {
    pollfd entry{process.pidfd.get(), POLLIN, 0};
    return poll(&entry, 1, 0) == 0;
}

bool has_peer_descriptors() {
    std::array<int, 2> ends{};
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) != 0)
        return false;
    const UniqueFd first(ends[0]);
    const UniqueFd second(ends[1]);
    const Result<UniqueFd> pidfd = open_pidfd(first.get());
    return pidfd && *pidfd;
}

}  // namespace patd
