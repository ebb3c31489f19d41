// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "common/base/uid.h"

#include <string>

namespace patd {

// The process at the other end, as the kernel or the bus knows it: the effective uid from
// SO_PEERCRED or from the bus's own record, never from a message.
struct Caller {
    Uid uid;
    // The unique bus name, for what is bound to one connection; "line" on the line socket.
    std::string connection;
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
