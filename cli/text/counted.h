// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include <cstddef>
#include <string>

namespace patd::cli {

// "1 token", "2 tokens".
inline std::string counted(std::size_t count, const std::string& what) {
    return std::to_string(count) + " " + what + (count == 1 ? "" : "s");
}
// "1 token is", "2 tokens are".
inline std::string counted_are(std::size_t count, const std::string& what) {
    return counted(count, what) + (count == 1 ? " is" : " are");
}

}  // namespace patd::cli
