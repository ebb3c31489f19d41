// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "common/base/log.h"

#include <unistd.h>

#include <algorithm>
#include <string>

namespace patd {

void log(LogLevel level, std::string_view text) {
    std::string line = "<" + std::to_string(static_cast<int>(level)) + ">";
    line.append(text);
    std::replace_if(
        line.begin(), line.end(), [](unsigned char c) { return c < 0x20 || c == 0x7f; }, '?');
    line.push_back('\n');
    // Nothing can be done about a journal that does not read.
    [[maybe_unused]] const ssize_t written = ::write(STDERR_FILENO, line.data(), line.size());
}

void log(LogLevel level, std::string_view text, const Error& error) {
    std::string line(text);
    line.append(": ").append(errc_name(error.code));
    if (!error.context.empty())
        line.append(" (").append(error.context).append(")");
    log(level, line);
}

}  // namespace patd
