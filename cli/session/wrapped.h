// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "cli/io/terminal.h"
#include "cli/text/wrap.h"

#include <string>
#include <string_view>

namespace patd::cli {

// `text` as `terminal` shows it without a word that is broken at the end of a line.
inline std::string wrapped_for(const Terminal& terminal, std::string_view text) {
    const std::optional<ScreenSize> size = terminal.size();
    return size ? wrap_text(text, size->columns) : std::string(text);
}

}  // namespace patd::cli
