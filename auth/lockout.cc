// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "auth/lockout.h"

#include <algorithm>

namespace patd::auth {

void Lockout::pass_time(Milliseconds elapsed) {
    while (tries_ < capacity()) {
        if (elapsed < wait_) {
            wait_ -= elapsed;
            return;
        }
        elapsed -= wait_;
        ++tries_;
        wait_ = spacing();
    }
}

bool Lockout::charge() {
    if (tries_ <= 0)
        return false;
    if (tries_ >= capacity())
        wait_ = spacing();
    --tries_;
    ++failures_;
    if (is_slow()) {
        tries_ = 0;
        wait_ = pace_.slow_spacing;
    }
    return true;
}

void Lockout::give_back() {
    tries_ = std::min(tries_ + 1, capacity());
    wait_ = std::min(wait_, spacing());
}

void Lockout::settle_right() {
    failures_ = 0;
    give_back();
}

void Lockout::settle_unused() {
    failures_ = std::max(failures_ - 1, 0);
    give_back();
}

}  // namespace patd::auth
