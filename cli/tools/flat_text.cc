// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "cli/tools/flat_text.h"

#include <algorithm>
#include <cctype>

namespace patd::cli::tools {
namespace {

bool is_plain(std::string_view member) {
    return !member.empty() && std::all_of(member.begin(), member.end(), [](unsigned char c) {
        return std::isalnum(c) != 0 || c == '-' || c == '_';
    });
}

}  // namespace

std::string join_name(const std::string& prefix, std::string_view member) {
    std::string name = prefix;
    if (!name.empty())
        name += '.';
    if (is_plain(member))
        return name.append(member);
    name += '"';
    for (const char c : member) {
        if (c == '"' || c == '\\')
            name += '\\';
        name += c;
    }
    return name + '"';
}

std::string join_index(const std::string& prefix, std::size_t index) {
    return prefix + "[" + std::to_string(index) + "]";
}

FlatChange compare(const FlatText& before, const FlatText& after,
                   const std::function<bool(const std::string&)>& ours) {
    FlatChange change;
    const auto list = [&](const FlatText& these, const FlatText& others, const char* sign) {
        for (const auto& [name, value] : these) {
            const auto other = others.find(name);
            if (other != others.end() && other->second == value)
                continue;
            change.only_ours = change.only_ours && ours(name);
            change.lines.push_back(sign + name + (value.empty() ? "" : " = " + value));
        }
    };
    list(before, after, "- ");
    list(after, before, "+ ");
    if (!change.only_ours)
        change.lines.clear();
    return change;
}

Error fault_at(std::string_view text, std::size_t at, const std::string& why) {
    const std::string_view before = text.substr(0, at);
    const auto line = 1 + std::count(before.begin(), before.end(), '\n');
    return {Errc::BadFile, "line " + std::to_string(line) + ": " + why};
}

std::string_view line_end_of(std::string_view text) {
    const std::size_t end = text.find('\n');
    return end != std::string_view::npos && end > 0 && text[end - 1] == '\r' ? "\r\n" : "\n";
}

bool ends_open(std::string_view text) {
    return !text.empty() && text.back() != '\n';
}

std::size_t end_of_line(std::string_view text, std::size_t at) {
    const std::size_t end = text.find('\n', at);
    return end == std::string_view::npos ? text.size() : end + 1;
}

std::size_t begin_of_line(std::string_view text, std::size_t at) {
    const std::size_t end = at == 0 ? std::string_view::npos : text.rfind('\n', at - 1);
    return end == std::string_view::npos ? 0 : end + 1;
}

std::string cut_lines(std::string text, std::size_t begin, std::size_t end) {
    if (end == text.size() && ends_open(text) && begin > 0) {
        --begin;
        if (begin > 0 && text[begin - 1] == '\r')
            --begin;
    }
    text.erase(begin, end - begin);
    return text;
}

std::size_t with_blank_line(std::string_view text, std::size_t begin) {
    const std::string eol(line_end_of(text));
    return text.substr(0, begin).ends_with(eol + eol) ? begin - eol.size() : begin;
}

}  // namespace patd::cli::tools
