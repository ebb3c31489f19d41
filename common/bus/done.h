// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "common/base/result.h"
#include "common/bus/firewall.h"

#include <functional>
#include <memory>
#include <utility>

namespace patd {

// Called once when a piece of work ends, with its result.
using Done = std::function<void(Result<void>)>;

// Wraps `callback` so that it is called exactly once: with Internal if its holder drops it without
// a call because something threw. So nobody waits for ever. It may be called after its maker is
// gone.
template <typename Value>
std::function<void(Result<Value>)> owe(std::function<void(Result<Value>)> callback) {
    struct Debt {
        std::function<void(Result<Value>)> callback;

        explicit Debt(std::function<void(Result<Value>)> owed) : callback(std::move(owed)) {}
        Debt(const Debt&) = delete;
        Debt& operator=(const Debt&) = delete;
        ~Debt() {
            if (callback)
                bus::guarded("owed answer", [this] { callback(Errc::Internal); });
        }
    };
    return [debt = std::make_shared<Debt>(std::move(callback))](Result<Value> value) {
        const auto owed = std::exchange(debt->callback, nullptr);
        if (owed)
            owed(std::move(value));
    };
}

}  // namespace patd
