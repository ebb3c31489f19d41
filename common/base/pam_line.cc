// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "common/base/pam_line.h"

#include <algorithm>

namespace patd {
namespace {

constexpr std::string_view kSpaces = " \t\r";

std::string_view trimmed_at_end(std::string_view line) {
    return line.substr(0, line.find_last_not_of(kSpaces) + 1);
}

// Words at blanks; `[a b]` is one word, with its brackets.
std::vector<std::string> split_words(std::string_view line) {
    std::vector<std::string> words;
    while (true) {
        const std::size_t start = line.find_first_not_of(kSpaces);
        if (start == std::string_view::npos)
            return words;
        line.remove_prefix(start);
        std::size_t end = line.find_first_of(kSpaces);
        if (line.front() == '[') {
            end = line.find(']');
            end = end == std::string_view::npos ? end : end + 1;
        }
        end = std::min(end, line.size());
        words.emplace_back(line.substr(0, end));
        line.remove_prefix(end);
    }
}

std::string without_brackets(const std::string& word) {
    const bool bracketed = word.size() >= 2 && word.front() == '[' && word.back() == ']';
    return bracketed ? word.substr(1, word.size() - 2) : word;
}

std::string in_small_letters(std::string_view word) {
    std::string small(word);
    for (char& c : small)
        c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    return small;
}

PamLine to_line(std::vector<std::string> words) {
    PamLine line;
    words.resize(std::max<std::size_t>(words.size(), 3));
    line.type = in_small_letters(std::string_view(words[0]).substr(words[0].starts_with('-')));
    if (line.is_include()) {
        line.module = words[1];
        return line;
    }
    line.control = in_small_letters(words[1]);
    line.module = words[2];
    for (std::size_t i = 3; i < words.size(); ++i)
        line.arguments.push_back(without_brackets(words[i]));
    return line;
}

}  // namespace

std::vector<PamLine> parse_pam_lines(std::string_view text) {
    std::vector<PamLine> lines;
    std::string pending;
    while (!text.empty()) {
        const std::size_t end = text.find('\n');
        std::string_view line = text.substr(0, end);
        text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
        const std::size_t comment = line.find('#');
        line = trimmed_at_end(line.substr(0, comment));
        // Such a line does not end the rule that is continued over it.
        if (line.empty() && !pending.empty())
            continue;
        // A comment ends its rule, also behind a backslash and with one in it.
        if (comment == std::string_view::npos && line.ends_with('\\')) {
            pending += std::string(line.substr(0, line.size() - 1)) + " ";
            continue;
        }
        std::vector<std::string> words = split_words(pending + std::string(line));
        pending.clear();
        if (!words.empty())
            lines.push_back(to_line(std::move(words)));
    }
    return lines;
}

}  // namespace patd
