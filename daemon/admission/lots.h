// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "common/base/uid.h"
#include "daemon/admission/accounts.h"

#include <chrono>
#include <functional>
#include <map>

namespace patd {

// The lot of all strangers: uids that have no account here and own no token. A user has 65,536 of
// them (subuid(5)), so they share what one user has. Nobody has this number, and it owns nothing.
inline constexpr Uid kStrangers{65534};

// Which lot a uid is in: its own, or the strangers'. A uid not seen before is its own lot while its
// account is looked up off the loop, so that a first request is not refused because strangers have
// filled their places. At most kNewcomers are, and no sub-uid (subuid(5)): whoever could come as
// one of 65,536 uids is a stranger until then. An owner never is.
// Thread rule: the loop's thread.
class Lots {
  public:
    struct Parts {
        std::function<bool(Uid)> owns_tokens;
        Accounts& accounts;
        const Clock& clock;
        // Services are never strangers, even before their account is looked up; unset: there are
        // none.
        std::function<bool(Uid)> is_service = {};
        // Unset: there are none.
        std::function<bool(Uid)> is_sub_uid = {};
    };
    explicit Lots(const Parts& parts) : parts_(parts) {}

    Uid lot_of(Uid uid);

  private:
    enum class Kind { Own, Stranger, Newcomer };
    struct Known {
        Kind kind;
        std::chrono::milliseconds until;
    };
    Kind kind_of(Uid uid);
    // Whether there is room for one more newcomer. The place is free again once its account is
    // known, or when the newcomer does not return.
    bool take_newcomer(Uid uid);

    Parts parts_;
    std::map<Uid, Known> known_;
    std::map<Uid, std::chrono::milliseconds> newcomers_;  // until when
};

}  // namespace patd
