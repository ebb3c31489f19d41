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

// A process: its number, and a descriptor (pidfd_open(2)) that keeps meaning this process even
// after the number is reused. The descriptor is empty where the kernel gives none for a peer
// (before 6.5).
struct Process {
    pid_t pid = 0;
    UniqueFd pidfd;
};

// Can say which process is at the other end.
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
    // Its system unit, if systemd was asked and knew it (daemon/context/unit_lookup.h); else "".
    std::string unit = {};
    // For asking systemd; empty where the connection's name is enough.
    std::weak_ptr<const ProcessSource> process = {};
};

// The system unit that a caller's process belongs to.
struct CallerUnit {
    std::string unit;  // "": no unit, or the process is gone
    // Whether a process descriptor vouches for it: the process was alive while systemd was asked
    // about its number, so the answer cannot be about another process.
    bool is_enforced = false;
};

// Who may use a bus method or a line verb at all. Every look-up carries the owner, which decides
// whose objects the caller may touch; a step-up is the operation's business.
enum class Access {
    Anyone,  // every uid: the answer depends on a secret that the caller holds
    Owner,   // a uid that may own tokens; sees only its own
    Holder,  // the connection that began the operation
    Root,    // effective uid 0
};

}  // namespace patd
