// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "bench/storm/attack.h"

#include <poll.h>
#include <sys/mman.h>

#include <algorithm>
#include <new>
#include <stdexcept>

namespace patd::bench {
namespace {

constexpr std::chrono::seconds kFirstDeed{5};
constexpr int kSettleInMs = 100;

Tally* share_tally() {
    void* memory =
        ::mmap(nullptr, sizeof(Tally), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED)
        throw std::runtime_error("mmap");
    return new (memory) Tally();
}

}  // namespace

void Storm::Unmap::operator()(Tally* tally) const {
    (void)::munmap(tally, sizeof(Tally));
}

Storm::Storm(const Abuse& abuse, const Aim& aim, std::chrono::seconds longest)
    : name_(abuse.name), tally_(share_tally()) {
    for (const Uid uid : abuse.uids)
        attackers_.emplace_back(uid, longest, [&] { abuse.attack(aim, *tally_); });
    const auto end = std::chrono::steady_clock::now() + kFirstDeed;
    while (tally_->sent == 0 && std::chrono::steady_clock::now() < end)
        ::poll(nullptr, 0, 5);
    // Waits until all of its connections are at work.
    ::poll(nullptr, 0, kSettleInMs);
}

void Storm::expect_abuse() {
    const bool ended = std::any_of(attackers_.begin(), attackers_.end(),
                                   [](Forked& attacker) { return attacker.has_ended(); });
    if (ended || tally_->sent == 0)
        throw std::runtime_error("nobody was at it any more: " + name_);
}

}  // namespace patd::bench
