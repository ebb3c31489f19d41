// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "common/base/limits.h"
#include "common/bus/call.h"
#include "common/bus/dict.h"
#include "daemon/admission/turns.h"
#include "daemon/tokens/token_list.h"

#include <functional>
#include <memory>
#include <string>
#include <utility>

namespace patd {

using CallPtr = std::shared_ptr<bus::Call>;

// A reply that is filled in steps, because an owner decides how long it is: in turns of the
// caller's uid (daemon/admission/turns.h), and never longer than the bus can carry.
// Thread rule: the loop's thread.
class LongReply {
  public:
    explicit LongReply(bus::MessagePtr message) : message_(std::move(message)) {}

    // All of these: Internal if the message is out of memory.
    Result<void> open(const char* contents);
    Result<void> close();
    Result<void> append(const std::string& text);
    // LimitExceeded: it would become longer than kBusReplyBytes.
    Result<void> append(const bus::Dict& dict);
    // A token with its path: an oa{sv}.
    Result<void> append_token(const TokenId& id, const bus::Dict& described);

    const bus::MessagePtr& message() const { return message_; }

  private:
    bus::MessagePtr message_;
    std::size_t bytes_ = 0;
};

// Appends some more, of a bounded size. Returns whether there is more to append.
using FillReply = std::function<Result<bool>(LongReply&)>;
// Calls `fill` until it has no more, then answers.
void answer_in_steps(Turns& turns, const CallPtr& call, FillReply fill);

// Answers with an aa{sv}: what `begin` appends, then what `describe` makes of each of `items`.
template <typename Items, typename Describe>
void answer_dicts(Turns& turns, const CallPtr& call, std::shared_ptr<const Items> items,
                  Describe describe, std::function<Result<void>(LongReply&)> begin = {}) {
    const auto done = std::make_shared<std::size_t>(0);
    answer_in_steps(turns, call,
                    [items, done, describe = std::move(describe),
                     begin = std::move(begin)](LongReply& reply) -> Result<bool> {
                        if (*done == 0) {
                            if (begin)
                                TRY(begin(reply));
                            TRY(reply.open("a{sv}"));
                        }
                        for (std::size_t left = limits::kDictsPerStep;
                             left > 0 && *done < items->size(); --left)
                            TRY(reply.append(describe((*items)[(*done)++])));
                        if (*done < items->size())
                            return true;
                        TRY(reply.close());
                        return false;
                    });
}

using DescribeToken = std::function<bus::Dict(const store::ListedToken&)>;
// Answers with an a(oa{sv}): what `describe` makes of each of `tokens`.
void answer_tokens(Turns& turns, const CallPtr& call, TokenList tokens, DescribeToken describe);

}  // namespace patd
