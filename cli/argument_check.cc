// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "cli/argument_check.h"

#include "common/token/token_string.h"

#include <algorithm>

namespace patd::cli {

bool holds_secret(std::span<const char* const> arguments) {
    return std::any_of(arguments.begin(), arguments.end(), [](const char* argument) {
        const std::string_view text(argument);
        return text.find(kIssuedPrefix) != std::string_view::npos ||
               text.find(kChildPrefix) != std::string_view::npos;
    });
}

}  // namespace patd::cli
