// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "common/base/result.h"
#include "common/base/uid.h"
#include "common/base/unique_fd.h"

#include <sys/types.h>

#include <memory>
#include <string>

namespace patd {

// A process by its number, and by a descriptor that stays this process's when the number is given
// to another (pidfd_open(2)); the descriptor is empty where the kernel has none for a peer (before
// 6.5).
struct Process {
    pid_t pid = 0;
    UniqueFd pidfd;
};

// Whoever can tell which process is at the other end.
class ProcessSource {
  public:
    virtual ~ProcessSource() = default;
    // Unavailable: the connection is closed, or its process is gone.
    virtual Result<Process> open_process() const = 0;
};

// The process at the other end, as the kernel or the bus knows it: the effective uid from
// SO_PEERCRED or from the bus's own record, never from a message.
struct Caller {
    Uid uid;
    // The unique bus name, for what is bound to one connection; "line" on the line socket.
    std::string connection;
    // Its system unit, once systemd was asked and knew (daemon/context/unit_lookup.h); else "".
    std::string unit = {};
    // For that question; nothing where the connection's name answers it.
    std::weak_ptr<const ProcessSource> process = {};
};

// In which system unit a caller's process is.
struct CallerUnit {
    std::string unit;  // "": of none, or the process is gone
    // Whether a descriptor of the process vouches for it: it lived on while systemd was asked by
    // its number, so that systemd's answer is about no other process.
    bool is_enforced = false;
};

// Who may use a bus method or a line verb at all. Whose objects it may touch is decided by the
// owner that every look-up carries; a step-up is the operation's business.
enum class Access {
    Anyone,  // every uid: what is answered depends on a secret that the caller holds
    Owner,   // a uid that may own tokens; sees its own only
    Holder,  // the connection that began the operation
    Root,    // effective uid 0
};

}  // namespace patd
