// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "common/step_up/frame.h"
#include "tests/fuzz/input.h"
#include "tests/fuzz/targets.h"

namespace patd::fuzz {

// A stream of frames between patd and patd-auth.
void frames(std::string_view input) {
    while (true) {
        std::size_t consumed = 0;
        const auto frame = step_up::parse_frame(input, consumed);
        if (!frame || !frame->has_value())
            return;
        require(consumed > 0 && consumed <= input.size(), "a frame is inside of its input");
        SecretBuffer again(step_up::kFrameBytes);
        require(step_up::append_frame(again, (*frame)->kind, (*frame)->payload).has_value(),
                "what is read is written");
        require(std::string_view(again.reveal().data(), again.size()) == input.substr(0, consumed),
                "a frame has one form");
        for (std::size_t cut = 0; cut < std::min<std::size_t>(consumed, 8); ++cut) {
            const auto part = step_up::parse_frame(input.substr(0, cut), consumed);
            require(part && !part->has_value(), "a beginning of a frame is no frame");
        }
        input.remove_prefix(again.size());
    }
}

}  // namespace patd::fuzz
