// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "tests/support/as_uid.h"
#include "tests/support/scripted_line_server.h"
#include "tests/support/temporary_directory.h"

#include <sys/stat.h>

#include <cerrno>
#include <string>

namespace patd::support {

// A directory in which every user may create a socket.
class OpenDirectory : public TemporaryDirectory {
  public:
    OpenDirectory() { (void)::chmod(path().c_str(), 0777); }
};

// A listening socket as `patctl expose --mode 0666` creates it for `user`.
inline UniqueFd listen_as(Uid user, const std::string& path) {
    const AsUid as(user);
    UniqueFd listener = ScriptedLineServer::listen_at(path);
    (void)::chmod(path.c_str(), 0666);
    return listener;
}

// Empty if nobody listens, or too many already wait; never waits.
inline UniqueFd connect_to(const std::string& path) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    path.copy(address.sun_path, sizeof address.sun_path - 1);
    UniqueFd socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    if (::connect(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
        socket.reset();
    return socket;
}

inline bool is_refused(const std::string& path) {
    return !connect_to(path) && errno == ECONNREFUSED;
}

}  // namespace patd::support
