// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "common/base/caller.h"
#include "common/base/secret_buffer.h"
#include "common/line/line_message.h"

#include <functional>

namespace patd {

// Answers one request of the line socket.
class LineHandler {
  public:
    virtual ~LineHandler() = default;
    // Writes the whole reply with its blank line into `reply` (empty, kLineReplyBytes), then calls
    // `done` exactly once, at once or later. `request` and `reply` live until then. A handler that
    // throws, or drops `done` without a call, has answered Internal.
    virtual void handle(const Caller& caller, const line::LineMessage& request, SecretBuffer& reply,
                        std::function<void()> done) = 0;
};

}  // namespace patd
