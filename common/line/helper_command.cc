// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "common/line/helper_command.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace patd::line {
namespace {

constexpr std::string_view kProgram = "git-credential-pat";

// A shell word, without its quotes.
struct Word {
    std::string text = {};
    bool may_assign = false;  // has an unquoted `=`
};

// Moves what follows a backslash or an opening quote from `text` to `word`. False if it has no end.
bool take_quoted(char quote, std::string_view& text, Word& word) {
    if (quote == '\\') {
        if (text.empty())
            return false;
        word.text += text.front();
        text.remove_prefix(1);
        return true;
    }
    const std::size_t end = text.find(quote);
    const std::string_view inside = text.substr(0, end);
    // Inside double quotes, a shell still expands some characters.
    if (end == std::string_view::npos ||
        (quote == '"' && inside.find_first_of("$`\\") != std::string_view::npos))
        return false;
    word.text += inside;
    text.remove_prefix(end + 1);
    return true;
}

// Takes the next word off `text`; it is empty at the end. Nothing if a shell would do more than
// split words.
std::optional<Word> take_word(std::string_view& text) {
    text.remove_prefix(std::min(text.find_first_not_of(' '), text.size()));
    Word word;
    if (text.starts_with('#'))
        return std::nullopt;
    while (!text.empty() && text.front() != ' ') {
        const char c = text.front();
        text.remove_prefix(1);
        if (std::string_view("$`;&|<>()*?[{").find(c) != std::string_view::npos)
            return std::nullopt;
        if (c == '\\' || c == '"' || c == '\'') {
            if (!take_quoted(c, text, word))
                return std::nullopt;
            continue;
        }
        word.text += c;
        word.may_assign = word.may_assign || c == '=';
    }
    return word;
}

bool is_program(std::string_view path) {
    return path.ends_with(kProgram) &&
           (path.size() == kProgram.size() || path[path.size() - kProgram.size() - 1] == '/');
}

// Versions of git disagree on a tab, and shells on other control bytes.
bool has_control_byte(std::string_view value) {
    return std::any_of(value.begin(), value.end(),
                       [](char c) { return static_cast<unsigned char>(c) < 0x20; });
}

}  // namespace

std::optional<std::string> find_helper_program(std::string_view value) {
    if (has_control_byte(value))
        return std::nullopt;
    std::string command(value);
    if (value.starts_with('!'))
        command.erase(0, 1);
    else if (!value.starts_with('/'))
        command.insert(0, "git credential-");
    std::string_view rest = command;
    std::vector<Word> words;
    while (!rest.empty()) {
        std::optional<Word> word = take_word(rest);
        if (!word)
            return std::nullopt;
        words.push_back(std::move(*word));
    }
    if (value.starts_with('!') && words.size() > 1 && words.front().text == "exec")
        words.erase(words.begin());
    if (words.empty() || words.front().may_assign)
        return std::nullopt;
    if (is_program(words.front().text))
        return words.front().text;
    if (words.size() > 1 && words[0].text == "git" && words[1].text == "credential-pat")
        return std::string(kProgram);
    return std::nullopt;
}

std::string format_helper(std::string_view path) {
    constexpr std::string_view kPlain = "/._-+";
    std::string text = "!exec ";
    for (const char c : path) {
        const bool is_word = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                             (c >= '0' && c <= '9') || (c & 0x80) != 0;
        if (!is_word && kPlain.find(c) == std::string_view::npos)
            text += '\\';
        text += c;
    }
    return text;
}

}  // namespace patd::line
