// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "common/base/result.h"

#include <cstdint>
#include <span>

namespace patd {

// A source of unpredictable bytes, behind an interface so that tests can make it fail.
// Thread rule: implementations are safe from any thread.
class Random {
  public:
    virtual ~Random() = default;
    // Fills all of `bytes`, or fails; then the caller abandons its operation.
    virtual Result<void> fill(std::span<std::uint8_t> bytes) = 0;
};

// getrandom(2): the kernel's generator; blocks only until it is seeded.
class SystemRandom final : public Random {
  public:
    Result<void> fill(std::span<std::uint8_t> bytes) override;
};

}  // namespace patd
