// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include <cstddef>
#include <cstdlib>
#include <functional>
#include <new>
#include <utility>

namespace patd::support {

inline thread_local std::size_t allocations_left = 0;  // until one fails; 0: none fails

// Only the `nth` allocation of this thread from now on fails. Replaces operator new in the program
// that includes it; include it in one file only.
class FailingMemory {
  public:
    explicit FailingMemory(std::size_t nth) { allocations_left = nth; }
    ~FailingMemory() { allocations_left = 0; }
    FailingMemory(const FailingMemory&) = delete;
    FailingMemory& operator=(const FailingMemory&) = delete;

    bool has_failed() const { return allocations_left == 0; }
};

// Repeats `begin`, each time with a later allocation failing, until none of them does; calls `look`
// after each time. The exception ends where a firewall would end it. Returns the number of
// repetitions.
inline std::size_t with_each_allocation_failing(const std::function<void()>& begin,
                                                const std::function<void(std::size_t)>& look) {
    for (std::size_t nth = 1;; ++nth) {
        bool has_failed = true;
        {
            const FailingMemory failing(nth);
            try {
                begin();
            } catch (const std::bad_alloc&) {
            }
            has_failed = failing.has_failed();
        }
        look(nth);
        if (!has_failed)
            return nth - 1;
    }
}

}  // namespace patd::support

// Not inlined: g++ would see new freed by free(3), and warn.
[[gnu::noinline]] void* operator new(std::size_t size) {
    std::size_t& left = patd::support::allocations_left;
    void* memory = left != 0 && --left == 0 ? nullptr : std::malloc(size == 0 ? 1 : size);
    if (memory == nullptr)
        throw std::bad_alloc();
    return memory;
}

[[gnu::noinline]] void operator delete(void* memory) noexcept {
    std::free(memory);
}

[[gnu::noinline]] void operator delete(void* memory, std::size_t /*size*/) noexcept {
    std::free(memory);
}
