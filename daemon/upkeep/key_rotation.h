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

// Exchanges the data key while the service goes on: one step after the other on the writer, with
// room for other changes between them. Begun by root, or at start when one was interrupted.
// Thread rule: the loop's thread.
class KeyRotation {
  public:
    using FindKey = std::function<Result<MasterKey>()>;

    KeyRotation(bus::EventLoop& loop, const Context& context, FindKey find_key)
        : loop_(loop), context_(context), find_key_(std::move(find_key)) {}

    // Calls back when it has begun. Busy: one is under way, or a new master key waits for its first
    // use.
    void start(const Caller& root, const Done& told);
    // Goes on with one that a crash or a restart interrupted.
    void resume();

    struct State {
        bool running = false;
        store::Resealer::Progress progress = {};
        std::optional<Errc> failure = std::nullopt;  // of the last one; start() goes on with it
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
    // Only the writer's thread touches it while a step is under way.
    std::shared_ptr<store::Resealer> resealer_;
    store::BegunEvents event_;
    bus::EventLoop::Source forget_;
};

}  // namespace patd
