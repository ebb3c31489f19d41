// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "common/base/caller.h"
#include "common/base/result.h"
#include "common/base/unique_fd.h"
#include "common/bus/executor.h"

#include <functional>
#include <string>

namespace patd {

// A listening socket that a user made and passed to us (docs/adr/0012).

// The absolute path that `fd` is bound to, according to the kernel. `fd` must be a UNIX stream
// socket on which a process of the caller's uid called listen(2) (a listener's SO_PEERCRED names
// that process), and its path must be printable text. BadListener for anything else.
Result<std::string> check_listener(int fd, const Caller& caller);

// Accepts connections, on its own thread: whether accept(2) blocks is a flag of the open file
// description, which the user still holds and may change at any time, so that on the loop's thread
// one user could stop everybody's service. Its callbacks run on the loop's thread.
class Acceptor {
  public:
    struct Callbacks {
        std::function<void(UniqueFd)> on_connection;
        // Called once: the socket accepts no more, because its user shut it down.
        std::function<void()> on_end;
    };
    Acceptor(bus::EventLoop& loop, UniqueFd listener, Callbacks callbacks);
    // Shuts the socket down for all who hold it, so that connections are refused from now on.
    ~Acceptor();
    Acceptor(const Acceptor&) = delete;
    Acceptor& operator=(const Acceptor&) = delete;

  private:
    void accept_next();

    UniqueFd listener_;
    Callbacks callbacks_;
    bus::WorkerThread thread_;
};

}  // namespace patd
