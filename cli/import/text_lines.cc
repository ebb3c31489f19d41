// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "cli/import/text_lines.h"

#include "common/token/base64url.h"

#include <strings.h>

#include <algorithm>
#include <string>

namespace patd::cli {
namespace {

constexpr std::string_view kLineBlanks = " \t\r";

Error no_ini(std::size_t line) {
    return {Errc::MalformedRequest,
            "line " + std::to_string(line) + " is no section, no 'name = value' and no comment"};
}

}  // namespace

LineNumbers::LineNumbers(std::span<const char> text) : begin_(text.data()) {
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '\n')
            ends_.push_back(i);
    }
}

std::size_t LineNumbers::of(std::string_view part) const {
    const auto at = static_cast<std::size_t>(part.data() - begin_);
    return static_cast<std::size_t>(std::lower_bound(ends_.begin(), ends_.end(), at) -
                                    ends_.begin()) +
           1;
}

Result<void> walk_json_file(std::span<char> text, const char* tool, JsonVisitor& visitor) {
    if (walk_json(text, visitor))
        return {};
    return Error{Errc::MalformedRequest,
                 std::string("the file is not ") + tool +
                     "'s: no JSON, cut off, too deep, a name that comes twice, or a value of "
                     "another type"};
}

std::string_view without_blanks(std::string_view text) {
    const std::size_t begin = text.find_first_not_of(kLineBlanks);
    if (begin == std::string_view::npos)
        return {};
    return text.substr(begin, text.find_last_not_of(kLineBlanks) + 1 - begin);
}

Result<std::vector<IniEntry>> read_ini(std::string_view text) {
    std::vector<IniEntry> entries;
    std::string_view section;
    std::size_t key_indent = std::string_view::npos;  // no value that could go on
    for (std::size_t number = 1; !text.empty(); ++number) {
        const std::size_t end = text.find('\n');
        const std::string_view whole = text.substr(0, end);
        text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
        const std::string_view line = without_blanks(whole);
        if (line.empty() || line.front() == '#' || line.front() == ';')
            continue;
        const auto indent = static_cast<std::size_t>(line.data() - whole.data());
        if (key_indent != std::string_view::npos && indent > key_indent) {
            IniEntry more = entries.back();
            more.line = number;
            more.value = line;
            more.continues = true;
            entries.push_back(more);
            continue;
        }
        if (line.front() == '[') {
            const std::size_t close = line.find(']');
            if (close == std::string_view::npos)
                return no_ini(number);
            section = line.substr(1, close - 1);
            key_indent = std::string_view::npos;
            continue;
        }
        const std::size_t sign = line.find_first_of("=:");
        if (sign == std::string_view::npos || sign == 0)
            return no_ini(number);
        key_indent = indent;
        entries.push_back({number, section, without_blanks(line.substr(0, sign)),
                           without_blanks(line.substr(sign + 1))});
    }
    return entries;
}

bool is_key(const IniEntry& entry, std::string_view name) {
    return entry.key.size() == name.size() &&
           strncasecmp(entry.key.data(), name.data(), name.size()) == 0;
}

Result<SecretBuffer> decode_base64(std::string_view text) {
    for (int padding = 0; padding < 2 && text.ends_with('='); ++padding)
        text.remove_suffix(1);
    SecretBuffer url(text.size());
    for (const char letter : text) {
        // One text has one value: the other alphabet's letters are none of this one.
        const bool is_other = letter == '-' || letter == '_';
        const char same = letter == '+' ? '-' : letter == '/' ? '_' : is_other ? '=' : letter;
        TRY(url.append(std::span(&same, 1)));
    }
    SecretBuffer decoded(text.size());
    TRY(append_decoded_base64url(decoded, {url.reveal().data(), url.size()}));
    return decoded;
}

bool divide_basic(const SecretBuffer& both, std::string_view& username,
                  std::string_view& password) {
    const std::string_view text(both.reveal().data(), both.size());
    const std::size_t colon = text.find(':');
    if (colon == std::string_view::npos)
        return false;
    username = text.substr(0, colon);
    password = text.substr(colon + 1);
    return true;
}

}  // namespace patd::cli
