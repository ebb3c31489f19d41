// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "daemon/admission/quota.h"

#include <utility>

namespace patd {

struct Quota::Counts {
    std::map<Uid, std::size_t> of_lot;
    std::size_t all = 0;

    void give_back(Uid lot) {
        --all;
        if (const auto found = of_lot.find(lot); --found->second == 0)
            of_lot.erase(found);
    }
};

Quota::Quota(const Limits& limits, LotOf lot_of, OnRefused on_refused)
    : limits_(limits),
      lot_of_(std::move(lot_of)),
      on_refused_(std::move(on_refused)),
      counts_(std::make_shared<Counts>()) {}

Result<Ticket> Quota::take(Uid uid) {
    // The lot at this moment: a uid that gets an account meanwhile returns what it took as a
    // stranger.
    const Uid lot = lot_of_ ? lot_of_(uid) : uid;
    const auto found = counts_->of_lot.find(lot);
    const std::size_t of_lot = found == counts_->of_lot.end() ? 0 : found->second;
    const std::size_t all = of_lot == 0 ? limits_.all + limits_.all / 2 : limits_.all;
    if (of_lot >= limits_.of_lot || counts_->all >= all) {
        if (on_refused_)
            on_refused_(uid);
        return Errc::LimitExceeded;
    }
    ++counts_->of_lot[lot];
    ++counts_->all;
    return Ticket(nullptr, [counts = counts_, lot](const void*) { counts->give_back(lot); });
}

std::size_t Quota::taken() const {
    return counts_->all;
}

}  // namespace patd
