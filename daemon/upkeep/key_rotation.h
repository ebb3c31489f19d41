// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "common/base/caller.h"
#include "common/bus/done.h"
#include "common/bus/event_loop.h"
#include "daemon/context/context.h"
#include "daemon/store/tokens/resealer.h"

#include <functional>
#include <memory>
#include <optional>

namespace patd {

// Replaces the data key while the service runs: step by step on the writer, with room for other
// changes in between. Begun by root, or at the start if one was interrupted.
// Thread rule: the loop's thread.
class KeyRotation {
  public:
    using FindKey = std::function<Result<MasterKey>()>;

    KeyRotation(bus::EventLoop& loop, const Context& context, FindKey find_key)
        : loop_(loop), context_(context), find_key_(std::move(find_key)) {}

    // Calls back when it has begun. Busy: one is in progress, or a new master key waits for its
    // first use.
    void start(const Caller& root, const Done& told);
    // Continues one that a crash or a restart interrupted.
    void resume();

    struct State {
        bool running = false;
        store::Resealer::Progress progress = {};
        std::optional<Errc> failure = std::nullopt;  // of the last one; start() continues it
    };
    const State& state() const { return state_; }

  private:
    void adopt(const Result<store::KeySet>& keys, const Done& begun);
    void step();
    void finish();
    void fail(const Error& error);

    bus::EventLoop& loop_;
    Context context_;
    FindKey find_key_;
    State state_;
    // Only the writer's thread uses it during a step.
    std::shared_ptr<store::Resealer> resealer_;
    store::BegunEvents event_;
    bus::EventLoop::Source forget_;
};

}  // namespace patd
