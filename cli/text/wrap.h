// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace patd::cli {

// The columns that `text` takes on a terminal. Wide characters count two.
std::size_t display_width(std::string_view text);

// The beginning of `text` that takes at most `width` columns, with `...` where something is cut.
std::string shorten(std::string_view text, std::size_t width);
// Its beginning and its end, with `...` between them: what follows the last slash, with it, where
// that leaves a third for the beginning, and else a half.
std::string shorten_place(std::string_view text, std::size_t width);

// `command` on a line of its own, which wrap_text leaves whole: what a terminal breaks is pasted as
// one line, and what is wrapped is run as two commands.
std::string own_line(std::string_view command);

// `line` in pieces of at most `width` columns, divided at blanks. A longer word stays whole, and so
// does a short command in a sentence: 'patctl list'.
std::vector<std::string> wrap_line(std::string_view line, std::size_t width);

// `text` with each line that is too long wrapped, and indented as it was. What is indented by four
// columns or more is a command or an example, to be copied, and stays as it is.
std::string wrap_text(std::string_view text, std::size_t width);

}  // namespace patd::cli
