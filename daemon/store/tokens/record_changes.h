// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "common/base/uid.h"

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>

namespace patd::store {

// Whose records changed, and when: what was read before a change is not used after it
// (docs/adr/0047). Thread rule: note and note_all from the writer's thread; everything else from
// the reader's.
class RecordChanges {
  public:
    // Call after a commit, also a failed one, before the change's caller learns of it.
    void note(Uid owner) { raise(owners_[slot_of(owner)]); }
    // Everybody's, or nobody knows whose.
    void note_all() { raise(all_); }

    // The point from which a read that begins now may be kept.
    std::uint64_t now() const { return latest_.load(std::memory_order_acquire); }
    // Whether what was read at that point is still what `owner` has.
    bool is_current(Uid owner, std::uint64_t read_at) const {
        return owners_[slot_of(owner)].load(std::memory_order_acquire) <= read_at &&
               all_.load(std::memory_order_acquire) <= read_at;
    }

  private:
    // Owners who share one forget together: some reads more.
    static constexpr std::size_t kSlots = 1024;
    static constexpr std::size_t slot_of(Uid owner) { return owner.value() % kSlots; }
    // The mark before the number: who sees the number finds nothing of before it current, and so
    // cannot keep it again as if it had been read now.
    void raise(std::atomic<std::uint64_t>& mark) {
        const std::uint64_t number = latest_.load(std::memory_order_relaxed) + 1;
        mark.store(number, std::memory_order_release);
        latest_.store(number, std::memory_order_release);
    }

    std::atomic<std::uint64_t> latest_{0};
    std::atomic<std::uint64_t> all_{0};
    std::array<std::atomic<std::uint64_t>, kSlots> owners_{};
};

}  // namespace patd::store
