// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "common/base/random.h"

#include <cstdint>
#include <span>

namespace patd::support {

// The same stream of bytes in every test: 0, 1, 2, ... over all calls.
class CountingRandom final : public Random {
  public:
    Result<void> fill(std::span<std::uint8_t> bytes) override {
        for (std::uint8_t& byte : bytes)
            byte = next_++;
        return {};
    }

  private:
    std::uint8_t next_ = 0;
};

}  // namespace patd::support
