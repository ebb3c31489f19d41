// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace patd {

// Whether `text` is valid UTF-8 (RFC 3629) of which every character is visible in its place: no
// control characters (C0, C1, DEL), no line or paragraph separators, none that reorder or hide text
// (bidirectional overrides, zero-width, tags). A table, a prompt and a D-Bus string can then carry
// it unchanged. The empty text is visible.
bool is_visible_utf8(std::string_view text);

// At most the first `bytes` bytes of `text`, never ending inside a UTF-8 sequence.
std::string_view cut_text(std::string_view text, std::size_t bytes);

// `text` if it is visible; otherwise with '?' for every byte that is not printable ASCII.
std::string make_visible(std::string_view text);

}  // namespace patd
