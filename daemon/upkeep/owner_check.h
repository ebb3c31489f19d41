// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "common/bus/event_loop.h"
#include "daemon/context/context.h"
#include "daemon/store/tokens/store_admin.h"

#include <chrono>
#include <functional>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace patd {

// What NSS says about the account that a token belongs to.
enum class OwnerFate {
    Same,        // the uid still has that name
    Gone,        // no account has the uid
    Reassigned,  // an account of another name has it
    Unknown,     // NSS failed: nothing is concluded from that
};

// Quarantines the tokens of accounts that are gone or whose uid now belongs to another: they are
// hidden from everybody, including the uid's new owner, until root deletes them or gives them back.
// Checks at the start and every hour; asks NSS on `lookups`, the store on the writer.
//
// An account must be gone at two checks in a row, so that a directory server that briefly forgets
// its users costs nobody their tokens. When root asks, one check suffices.
// Thread rule: the loop's thread.
class OwnerCheck {
  public:
    struct Parts {
        bus::EventLoop& loop;
        bus::Executor& lookups;
        Context context;
    };
    using Lookup = std::function<OwnerFate(const store::OwnerSummary&)>;  // on the lookups' thread
    explicit OwnerCheck(const Parts& parts, Lookup lookup = look_up);

    // Now, and then every `period`; the second check comes after ten minutes.
    void begin(std::chrono::minutes period = std::chrono::minutes(60));
    // One check, for root; returns how many tokens were quarantined. Busy: one is in progress.
    void check_now(const std::function<void(Result<std::uint32_t>)>& callback);

    static OwnerFate look_up(const store::OwnerSummary& owner);

  private:
    using Account = std::pair<Uid, std::string>;
    using Fates = std::vector<std::pair<Account, OwnerFate>>;
    enum class Trust { Twice, AtOnce };

    void look(Trust trust, const std::function<void(Result<std::uint32_t>)>& callback);
    void judge(Trust trust, const Fates& fates,
               const std::function<void(Result<std::uint32_t>)>& callback);
    std::vector<Account> lost(Trust trust, const Fates& fates);
    using Begun = std::vector<store::BegunEvents>;
    // One event for each account, until it is known which tokens it is about.
    Result<Begun> begin_events(const std::vector<Account>& accounts);
    // False: one of the events was lost.
    bool record(const std::vector<std::pair<Uid, TokenId>>& hidden);
    void look_again_in(std::chrono::minutes delay);

    Parts parts_;
    Lookup lookup_;
    std::chrono::minutes period_{60};
    bus::EventLoop::Source timer_;
    bool looking_ = false;
    std::set<Account> missing_;  // at the last check
};

}  // namespace patd
