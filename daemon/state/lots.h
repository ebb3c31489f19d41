// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "common/base/uid.h"
#include "daemon/state/accounts.h"
#include "daemon/store/token_store.h"

#include <chrono>
#include <functional>
#include <map>

namespace patd {

// The lot of all strangers: uids that have no account here and own no token. A user has 65,536 of
// them (subuid(5)), so they share what one user has. The number is nobody's, who owns nothing.
inline constexpr Uid kStrangers{65534};

// In which lot a uid is: its own, or the strangers'. A uid that was not seen before counts as a
// stranger until its account was looked up, off the loop; an owner never does.
// Thread rule: the loop's thread.
class Lots {
  public:
    struct Parts {
        store::TokenStore& store;
        Accounts& accounts;
        const Clock& clock;
        // Services are no strangers, also before their account is looked up; unset: none are.
        std::function<bool(Uid)> is_service = {};
    };
    explicit Lots(const Parts& parts) : parts_(parts) {}

    Uid lot_of(Uid uid);

  private:
    struct Known {
        bool is_stranger;
        std::chrono::milliseconds until;
    };
    bool is_stranger(Uid uid) const;

    Parts parts_;
    std::map<Uid, Known> known_;
};

}  // namespace patd
