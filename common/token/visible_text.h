// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace patd {

// Whether `text` is valid UTF-8 (RFC 3629) whose every character shows where it stands: no control
// characters (C0, C1, DEL), no line and paragraph separators, none that reorder or hide text
// (bidirectional overrides, zero-width, tags). Then a table, a prompt and a D-Bus string can carry
// it as it is. The empty text is visible.
bool is_visible_utf8(std::string_view text);

// The first `bytes` bytes of `text` at most, and not a part of a UTF-8 sequence at their end.
std::string_view cut_text(std::string_view text, std::size_t bytes);

// `text` where it is visible; otherwise with '?' for every byte that is not printable ASCII.
std::string make_visible(std::string_view text);

}  // namespace patd
