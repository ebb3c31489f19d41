// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "daemon/keyring/session_bus.h"

#include <functional>
#include <string>

namespace patd::keyring {

// Shows a keyring's prompt and waits until it ends: through its user, because the keyring is gone,
// because the goal was reached elsewhere, or at a deadline; then the prompt is dismissed.
// KeyringFailed: the keyring is gone, or the process ends. Thread rule: inside a job of the loop's.
struct KeyringPrompt {
    GlibLoop& loop;
    SessionBus& bus;
    std::string owner;  // the keyring's unique name
    // Whether it is no longer needed; asked every second, and when the keyring signals.
    std::function<bool()> is_done = [] { return false; };

    struct End {
        bool dismissed;
        Variant result;  // null if the keyring gave none
    };
    Result<End> stand(const std::string& path, GlibLoop::SteadyClock::time_point deadline);
};

}  // namespace patd::keyring
