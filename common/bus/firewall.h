// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "common/base/log_bug.h"

#include <exception>
#include <utility>

namespace patd::bus {

// The one place in the daemon where an exception ends: an exception that passes through libsystemd
// leaves the connection unable to answer ever again. False if `function` threw. `tells` says
// whether to log it; called only then.
template <typename Function, typename Tells>
bool guarded(const char* where, const Function& function, const Tells& tells) noexcept {
    try {
        function();
        return true;
    } catch (const std::exception& bug) {
        if (tells())
            log_bug(where, bug.what());
    } catch (...) {
        if (tells())
            log_bug(where, "no std::exception");
    }
    return false;
}
template <typename Function>
bool guarded(const char* where, const Function& function) noexcept {
    return guarded(where, function, [] { return true; });
}

// Undoes what was begun unless what must follow succeeded too (`keep`): an exception in between
// leaves nothing half done.
template <typename Function>
class Undo {
  public:
    explicit Undo(Function undo) : undo_(std::move(undo)) {}
    ~Undo() {
        if (!kept_)
            guarded("undo", undo_);
    }
    Undo(const Undo&) = delete;
    Undo& operator=(const Undo&) = delete;
    void keep() { kept_ = true; }

  private:
    Function undo_;
    bool kept_ = false;
};

// A callback that shared code calls for one client: if it throws, only that client's request is
// dropped and so answered (bus::Call, LineServer); the shared code is unaffected.
template <typename Callback>
auto firewalled(const char* where, Callback callback) {
    return [where, callback = std::move(callback)](auto&&... values) {
        guarded(where, [&] { callback(std::forward<decltype(values)>(values)...); });
    };
}

}  // namespace patd::bus
