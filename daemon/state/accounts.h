// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "common/base/clock.h"
#include "common/base/uid.h"
#include "common/bus/executor.h"

#include <chrono>
#include <functional>
#include <map>
#include <string>

namespace patd {

// Account names of uids and back. NSS may ask a server and hang, so it runs on a thread of its own,
// and its answers are kept for five minutes.
// Thread rule: the loop's thread.
class Accounts {
  public:
    Accounts(bus::Executor& lookups, const Clock& clock) : lookups_(lookups), clock_(clock) {}

    // Calls back exactly once, at once where the answer is known. AccessDenied: no such account.
    void find_name(Uid uid, std::function<void(Result<std::string>)> callback);
    void find_uid(const std::string& name, std::function<void(Result<Uid>)> callback);

  private:
    struct Known {
        Result<std::string> name;
        std::chrono::milliseconds until;
    };

    bus::Executor& lookups_;
    const Clock& clock_;
    std::map<Uid, Known> known_;
};

}  // namespace patd
