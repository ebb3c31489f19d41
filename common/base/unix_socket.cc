// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "common/base/unix_socket.h"

namespace patd {

Result<sockaddr_un> unix_address(std::string_view path) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (path.empty() || path.size() >= sizeof address.sun_path)
        return Error{Errc::Unavailable, "bad socket path"};
    path.copy(address.sun_path, path.size());
    return address;
}

Result<UniqueFd> connect_unix(std::string_view path, int flags) {
    const sockaddr_un address = TRY(unix_address(path));
    UniqueFd socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | flags, 0));
    if (!socket || connect(socket.get(), as_sockaddr(address), sizeof address) != 0)
        return Error{Errc::Unavailable, "connect to " + std::string(path)};
    return socket;
}

Result<Peer> find_peer(int fd) {
    constexpr uid_t kNobodyYet = static_cast<uid_t>(-1);
    ucred peer{};
    socklen_t length = sizeof peer;
    if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &length) != 0 || peer.uid == kNobodyYet)
        return Error{Errc::InsecurePeer, "no peer credentials"};
    return Peer{peer.pid, Uid(peer.uid)};
}

}  // namespace patd
