// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "common/base/result.h"
#include "common/base/unique_fd.h"
#include "common/base/witness_limits.h"

#include <chrono>
#include <string>
#include <string_view>

namespace patd {

// Until when a whole conversation waits, with however many programs.
using WitnessDeadline = std::chrono::steady_clock::time_point;
inline WitnessDeadline witness_deadline() {
    return std::chrono::steady_clock::now() + limits::kWitnessWait;
}

// The way to the witness, which patd-auth keeps (docs/step-up-protocol.md). Each call blocks, at
// most until `end`: never on the loop's thread while it serves. Errors: Unavailable (nobody there,
// or it was silent), InsecurePeer, and what patd-auth says: NotFound, OutOfOrder.
class WitnessLink {
  public:
    explicit WitnessLink(std::string socket) : socket_(std::move(socket)) {}

    // Asks, and goes on: patd-auth starts while the store is opened.
    Result<UniqueFd> ask(std::string_view question = "op=witness-read\n") const;
    static Result<std::string> read_answer(const UniqueFd& asked,
                                           WitnessDeadline end = witness_deadline());
    Result<std::string> read(WitnessDeadline end = witness_deadline()) const;

    Result<void> write(std::string_view text, WitnessDeadline end = witness_deadline()) const;

  private:
    Result<UniqueFd> connect() const;

    std::string socket_;
};

}  // namespace patd
