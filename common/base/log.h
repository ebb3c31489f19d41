// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "common/base/result.h"

#include <string_view>

namespace patd {

enum class LogLevel { Error = 3, Warning = 4, Notice = 5, Info = 6 };

// One line on stderr in the form that systemd gives its priority (sd-daemon(3)). Control bytes are
// replaced. There is no overload for a secret, and callers pass no bytes of a peer.
void log(LogLevel level, std::string_view text);
void log(LogLevel level, std::string_view text, const Error& error);

}  // namespace patd
