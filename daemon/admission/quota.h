// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "common/base/result.h"
#include "common/base/uid.h"

#include <cstddef>
#include <functional>
#include <map>
#include <memory>

namespace patd {

// One of the things that a Quota counts, until this is destroyed, possibly after the Quota itself.
using Ticket = std::shared_ptr<const void>;

// How many of something each lot (daemon/admission/turns.h), and all together, may have at once:
// unanswered calls, descriptors handed out. Half as many again are reserved for lots that have
// none, so that a few lots at their limit keep nobody out. Thread rule: one thread.
class Quota {
  public:
    struct Limits {
        std::size_t of_lot;
        std::size_t all;
    };
    using LotOf = std::function<Uid(Uid)>;
    // Called each time a uid is refused.
    using OnRefused = std::function<void(Uid)>;

    explicit Quota(const Limits& limits, LotOf lot_of = {}, OnRefused on_refused = {});

    // LimitExceeded: the lot, or all together, have reached their limit.
    Result<Ticket> take(Uid uid);
    std::size_t taken() const;

  private:
    struct Counts;

    Limits limits_;
    LotOf lot_of_;
    OnRefused on_refused_;
    std::shared_ptr<Counts> counts_;  // shared with the tickets
};

}  // namespace patd
