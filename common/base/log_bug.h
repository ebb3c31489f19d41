// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "common/base/log_messages.h"

#include <unistd.h>

#include <string>
#include <string_view>

namespace patd {

// What a firewall writes of an exception that ended there. If there is no memory for the journal's
// entry, a shorter line.
inline void log_bug(const char* where, const char* what) noexcept {
    try {
        log(messages::kBug, {{"WHERE", where}, {"WHAT", what}});
    } catch (...) {
        constexpr std::string_view kLine = "<3>internal error: no memory to say which\n";
        [[maybe_unused]] const ssize_t written = write(STDERR_FILENO, kLine.data(), kLine.size());
    }
}

}  // namespace patd
