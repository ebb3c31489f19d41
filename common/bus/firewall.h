// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "common/base/log_messages.h"

#include <exception>
#include <string>

namespace patd::bus {

// The one place in the daemon where an exception ends: an exception that passes through libsystemd
// leaves the connection unable to answer ever again. False when `function` threw.
template <typename Function>
bool guarded(const char* where, const Function& function) noexcept {
    try {
        function();
        return true;
    } catch (const std::exception& bug) {
        log(messages::kBug, {{"WHERE", where}, {"WHAT", bug.what()}});
    } catch (...) {
        log(messages::kBug, {{"WHERE", where}});
    }
    return false;
}

}  // namespace patd::bus
