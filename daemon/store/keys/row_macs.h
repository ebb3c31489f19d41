// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "daemon/store/keys/record_crypto.h"

#include <optional>

namespace patd::store {

// MACs of rows and of children under the current key; during a rotation of the data key they may
// also be under the previous key. Thread rule: one thread at a time.
class RowMacs {
  public:
    RowMacs(KeyedMac now, std::optional<KeyedMac> before)
        : now_(std::move(now)), before_(std::move(before)) {}

    enum class Match { None, Now, Before };

    Result<Digest> make(Bytes bound) { return now_.mac({bound}); }
    // In constant time.
    Result<Match> match(Bytes bound, Bytes stored) {
        const Digest expected = TRY(now_.mac({bound}));
        if (constant_time_equal(Bytes(expected), stored))
            return Match::Now;
        if (!before_)
            return Match::None;
        const Digest older = TRY(before_->mac({bound}));
        return constant_time_equal(Bytes(older), stored) ? Match::Before : Match::None;
    }

    void forget_before() { before_.reset(); }

  private:
    KeyedMac now_;
    std::optional<KeyedMac> before_;
};

}  // namespace patd::store
