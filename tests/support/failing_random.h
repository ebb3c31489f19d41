// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "common/base/random.h"

namespace patd::support {

// The kernel's random bytes, until a test makes the generator fail.
class FailingRandom final : public Random {
  public:
    Result<void> fill(std::span<std::uint8_t> bytes) override {
        if (fails_)
            return Error{Errc::Unavailable, "no randomness"};
        return random_.fill(bytes);
    }
    void set_failing(bool fails) { fails_ = fails; }

  private:
    SystemRandom random_;
    bool fails_ = false;
};

}  // namespace patd::support
