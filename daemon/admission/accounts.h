// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "common/base/clock.h"
#include "common/base/uid.h"
#include "common/bus/executor.h"

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace patd {

// Maps uids to account names and back. NSS may ask a server and hang, so it runs on its own thread;
// its answers are kept for five minutes, and the answer that there is no account for some seconds.
// Thread rule: the loop's thread.
class Accounts {
  public:
    Accounts(bus::Executor& lookups, const Clock& clock) : lookups_(lookups), clock_(clock) {}

    // Whether `uid` is known to have an account. An unknown uid is looked up, a few at a time, and
    // counts as having none until then.
    bool has_account(Uid uid);
    // Whether `uid` is known to have none, even if only from an old answer.
    bool has_none(Uid uid) const { return absent_.contains(uid); }
    // The name of a known account; "" if there is none.
    std::string known_name(Uid uid) const;
    // Calls back exactly once, at once if the answer is known. AccessDenied: no such account.
    void find_name(Uid uid, std::function<void(Result<std::string>)> callback);
    void find_uid(const std::string& name, std::function<void(Result<Uid>)> callback);

  private:
    struct Known {
        std::string name;
        std::chrono::milliseconds until;
    };

    void note(Uid uid, const Result<std::string>& name);

    bus::Executor& lookups_;
    const Clock& clock_;
    std::map<Uid, Known> known_;
    // Look-ups in progress: further callers for the same uid wait for the first.
    std::map<Uid, std::vector<std::function<void(Result<std::string>)>>> asked_;
    std::map<Uid, std::chrono::milliseconds> absent_;  // and until when that holds
    // Look-ups of has_account in progress.
    std::shared_ptr<std::size_t> asked_for_ = std::make_shared<std::size_t>(0);
};

}  // namespace patd
