// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include <cstddef>
#include <cstdint>
#include <random>
#include <string>

namespace patd::hostile {

// Every choice of a fuzzer. Each round begins a new sequence, made from the seed and the round's
// number, so that a round can be repeated alone.
class Chance {
  public:
    explicit Chance(std::uint64_t seed) : seed_(seed), engine_(mix(seed, 0)) {}

    void begin_round(std::uint64_t round) { engine_.seed(mix(seed_, round)); }
    std::uint64_t any() { return engine_(); }
    // Less than `end`, which is not 0.
    std::size_t below(std::size_t end) { return static_cast<std::size_t>(engine_() % end); }
    std::size_t between(std::size_t least, std::size_t most) {
        return least + below(most - least + 1);
    }
    bool one_in(std::size_t n) { return below(n) == 0; }
    template <typename Items>
    const auto& pick(const Items& items) {
        return items[below(std::size(items))];
    }
    // Draws once, whatever the pool holds: earlier answers do not shift the sequence.
    template <typename Items, typename Item>
    Item pick_or(const Items& items, const Item& otherwise) {
        const std::uint64_t drawn = engine_();
        return items.empty() ? otherwise : Item(items[drawn % items.size()]);
    }
    char byte() { return static_cast<char>(below(256)); }

  private:
    static std::uint64_t mix(std::uint64_t seed, std::uint64_t round) {
        constexpr std::uint64_t kOdd = 0x9e3779b97f4a7c15U;  // spreads neighbours apart
        return (seed + 1) * kOdd ^ round;
    }

    std::uint64_t seed_;
    std::mt19937_64 engine_;
};

}  // namespace patd::hostile
