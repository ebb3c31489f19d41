// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "common/base/unique_fd.h"

#include <sys/socket.h>

#include <stdexcept>

namespace patd::support {

// The two ends of a connection: one for the code under test, one for the test.
struct SocketPair {
    SocketPair() {
        int ends[2];
        if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0)
            throw std::runtime_error("socketpair");
        near.reset(ends[0]);
        far.reset(ends[1]);
    }

    UniqueFd near;
    UniqueFd far;
};

}  // namespace patd::support
