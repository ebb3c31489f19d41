// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "common/base/clock.h"
#include "daemon/store/tokens/token_store.h"

#include <chrono>
#include <map>

namespace patd {

// Which owners are locked (kept in the store, cached here), and which confirm=always tokens are
// open for a while (kept only here: a restart closes them).
// Thread rule: the loop's thread.
class Locks {
  public:
    Locks(store::TokenStore& store, const Clock& clock) : store_(store), clock_(clock) {}

    Result<bool> is_locked(Uid owner);
    // Call once the store holds the new value. Locking closes what this owner opened,
    // and the store forgets what it has of theirs in memory.
    void set_locked(Uid owner, bool locked);

    void open_for(Uid owner, const TokenId& token, std::chrono::seconds duration);
    bool is_open(const TokenId& token) const;

  private:
    struct Opened {
        Uid owner;
        std::chrono::milliseconds until;  // CLOCK_BOOTTIME
    };

    store::TokenStore& store_;
    const Clock& clock_;
    std::map<Uid, bool> known_;
    std::map<TokenId, Opened> opened_;
};

}  // namespace patd
