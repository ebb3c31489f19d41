// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include <cstddef>
#include <optional>

namespace patd::cli {

// What the reader's terminal can show. The default is that of a pipe or a file: everything, plain.
struct Style {
    std::optional<std::size_t> width{};  // its columns; none: there is no end
    bool color = false;                  // whether it is told apart by colour, too
    bool whole = false;                  // -l: nothing is dropped or shortened, times are absolute
};

}  // namespace patd::cli
