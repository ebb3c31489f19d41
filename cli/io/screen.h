// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "common/base/result.h"

#include <cstddef>
#include <optional>
#include <string_view>

namespace patd::cli {

struct ScreenSize {
    std::size_t columns;
    std::size_t rows;
};

// Of the terminal that `fd` is; none when it is no terminal, or one that does not say.
std::optional<ScreenSize> screen_size(int fd);

// Whether the terminal that `fd` is shows colours, and its user wants them: NO_COLOR, TERM.
bool shows_color(int fd);

// Writes `text` to `fd`. Where that is a terminal with fewer rows, through a pager: what
// PATCTL_PAGER or else PAGER says, as a command of the shell, or less. A process of root takes
// nothing from the environment, and less is told to start no other program, because whoever may run
// patctl alone through sudo would get a shell of root's there. One that was root's and is another
// account's now has no pager.
Result<void> write_paged(int fd, std::string_view text);

}  // namespace patd::cli
