// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "common/token/visible_text.h"

#include <algorithm>
#include <optional>

namespace patd {
namespace {

// Reads one code point of UTF-8 (RFC 3629) from the front; nothing for an invalid sequence.
std::optional<char32_t> take_code_point(std::string_view& text) {
    const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
    const unsigned lead = byte(0);
    const std::size_t length = lead < 0x80 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
    if ((lead >= 0x80 && lead < 0xc2) || lead > 0xf4 || text.size() < length)
        return std::nullopt;
    char32_t point = length == 1 ? lead : lead & (0x7fU >> length);
    for (std::size_t i = 1; i < length; ++i) {
        if ((byte(i) & 0xc0) != 0x80)
            return std::nullopt;
        point = (point << 6) | (byte(i) & 0x3f);
    }
    const bool overlong = (length == 3 && point < 0x800) || (length == 4 && point < 0x10000);
    if (overlong || (point >= 0xd800 && point <= 0xdfff) || point > 0x10ffff)
        return std::nullopt;
    text.remove_prefix(length);
    return point;
}

// Unicode's noncharacters, which sd-bus does not carry.
bool is_noncharacter(char32_t c) {
    return (c >= 0xfdd0 && c <= 0xfdef) || (c & 0xfffe) == 0xfffe;
}

// General categories Cc and the Cf and Zl/Zp characters that reorder or hide text.
bool is_hidden(char32_t c) {
    return c < 0x20 || (c >= 0x7f && c <= 0x9f) || c == 0xad || c == 0x61c || c == 0x180e ||
           (c >= 0x200b && c <= 0x200f) || (c >= 0x2028 && c <= 0x202e) ||
           (c >= 0x2060 && c <= 0x206f) || c == 0xfeff || (c >= 0xfff9 && c <= 0xfffb) ||
           (c >= 0x1d173 && c <= 0x1d17a) || (c >= 0xe0000 && c <= 0xe007f);
}

}  // namespace

bool is_visible_utf8(std::string_view text) {
    while (!text.empty()) {
        const std::optional<char32_t> point = take_code_point(text);
        if (!point || is_hidden(*point) || is_noncharacter(*point))
            return false;
    }
    return true;
}

std::string_view cut_text(std::string_view text, std::size_t bytes) {
    if (text.size() <= bytes)
        return text;
    std::size_t end = bytes;
    while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xc0) == 0x80)
        --end;
    return text.substr(0, end);
}

std::string make_visible(std::string_view text) {
    std::string visible(text);
    if (!is_visible_utf8(text))
        std::replace_if(
            visible.begin(), visible.end(), [](char c) { return c < 0x20 || c > 0x7e; }, '?');
    return visible;
}

}  // namespace patd
