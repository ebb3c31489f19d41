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
// them (subuid(5)), so they share what one user has. The number is nobody's, who owns nothing.
inline constexpr Uid kStrangers{65534};

// In which lot a uid is: its own, or the strangers'. A uid that was not seen before is a lot of its
// own while its account is looked up, off the loop: who comes for the first time is not refused
// because strangers have filled their places. At most kNewcomers are, and no sub-uid (subuid(5)):
// who could come as one of 65,536 is a stranger until then. An owner never is.
// Thread rule: the loop's thread.
class Lots {
  public:
    struct Parts {
        std::function<bool(Uid)> owns_tokens;
        Accounts& accounts;
        const Clock& clock;
        // Services are no strangers, also before their account is looked up; unset: none are.
        std::function<bool(Uid)> is_service = {};
        // Unset: none are.
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
    // Whether there is room for one more newcomer. It is given back when it is known what he is, or
    // he did not come again.
    bool take_newcomer(Uid uid);

    Parts parts_;
    std::map<Uid, Known> known_;
    std::map<Uid, std::chrono::milliseconds> newcomers_;  // until when
};

}  // namespace patd
