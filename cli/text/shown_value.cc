// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "cli/text/shown_value.h"

#include "common/token/foreign_token.h"
#include "common/token/visible_text.h"

#include <algorithm>

namespace patd::cli {
namespace {

constexpr std::size_t kShownBytes = 64;
constexpr std::string_view kLeftOut = "...";

// A part ends where no token has a character.
bool has_token(std::string_view text) {
    const auto is_of_token = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               c == '_' || c == '-' || c == '.';
    };
    while (!text.empty()) {
        const auto* const end = std::find_if_not(text.begin(), text.end(), is_of_token);
        const auto length = static_cast<std::size_t>(end - text.begin());
        const std::string_view part = text.substr(0, length);
        if (looks_like_token(part.substr(std::min(part.find_first_not_of("-_."), length))))
            return true;
        text.remove_prefix(std::min(length + 1, text.size()));
    }
    return false;
}

// Where the place of a URL begins: behind the last @ that ends a user name or a password. A
// password that holds a slash is one too.
std::size_t find_place(std::string_view typed, std::size_t begin) {
    const std::size_t last = typed.rfind('@');
    if (last == std::string_view::npos || last < begin)
        return begin;
    if (typed.substr(begin, last - begin).find(':') != std::string_view::npos)
        return last + 1;
    const std::size_t end = std::min(typed.find_first_of("/?#", begin), typed.size());
    const std::size_t at = typed.substr(0, end).rfind('@');
    const bool is_user = begin != 0 && at != std::string_view::npos && at >= begin;
    return is_user ? at + 1 : begin;
}

std::string without_secrets(std::string_view typed) {
    const std::size_t scheme = typed.find("://");
    const std::size_t begin = scheme == std::string_view::npos ? 0 : scheme + 3;
    std::string text(typed.substr(0, begin));
    std::string_view rest = typed.substr(find_place(typed, begin));
    if (begin == 0)
        return text.append(rest);
    const std::size_t query = rest.find_first_of("?#");
    if (query == std::string_view::npos)
        return text.append(rest);
    return text.append(rest.substr(0, query + 1)).append(kLeftOut);
}

}  // namespace

std::string shown_value(std::string_view typed) {
    if (typed.empty())
        return "''";
    std::string text = without_secrets(typed);
    if (has_token(text))
        return "(what looks like a token)";
    if (text.size() > kShownBytes)
        text = std::string(cut_text(text, kShownBytes)).append(kLeftOut);
    return make_visible(text);
}

std::string shown_file(std::string_view typed) {
    const bool may_be_secret = typed.find("://") != std::string_view::npos || has_token(typed);
    return typed.empty() || may_be_secret ? shown_value(typed) : make_visible(typed);
}

}  // namespace patd::cli
