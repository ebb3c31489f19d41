// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "common/base/uid.h"

#include <sys/syscall.h>
#include <unistd.h>

#include <stdexcept>

namespace patd::support {

// Sets this thread's effective uid to `uid` for a while: what it creates belongs to that user. Uses
// the system call itself, because the C library's function would change every thread.
class AsUid {
  public:
    explicit AsUid(Uid uid) { set(uid.value()); }
    // NOLINTNEXTLINE(bugprone-exception-escape): the test must not go on as somebody else
    ~AsUid() { set(0); }
    AsUid(const AsUid&) = delete;
    AsUid& operator=(const AsUid&) = delete;

  private:
    static void set(uid_t uid) {
        constexpr uid_t kKeep = static_cast<uid_t>(-1);
        if (::syscall(SYS_setresuid, kKeep, uid, kKeep) != 0)
            throw std::runtime_error("this test must run as root");
    }
};

}  // namespace patd::support
