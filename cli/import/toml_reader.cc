// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "cli/import/toml_reader.h"

#include "cli/import/text_lines.h"
#include "common/base/limits.h"

#include <algorithm>
#include <charconv>
#include <string>

namespace patd::cli {
namespace {

using TomlKeys = std::vector<std::string_view>;

// More than this holds no file that one import takes; each is compared with the others.
constexpr std::size_t kNamesMost = 4 * limits::kTokensPerUser;

bool is_bare(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '_';
}

// Writes one character of `code` as UTF-8; the end. An escape is longer than what it stands for.
char* put_utf8(char* at, std::uint32_t code) {
    if (code < 0x80) {
        *at++ = static_cast<char>(code);
        return at;
    }
    const int more = code < 0x800 ? 1 : code < 0x10000 ? 2 : 3;
    constexpr unsigned char kLeads[] = {0, 0xc0, 0xe0, 0xf0};
    *at++ = static_cast<char>(kLeads[more] | (code >> (6 * more)));
    for (int shift = 6 * (more - 1); shift >= 0; shift -= 6)
        *at++ = static_cast<char>(0x80 | ((code >> shift) & 0x3f));
    return at;
}

// A pass over the text from its begin to its end; each function leaves `at_` behind what it took.
class TomlText {
  public:
    explicit TomlText(std::span<char> text)
        : lines_(text), at_(text.data()), end_(text.data() + text.size()) {}

    Result<std::vector<TomlString>> read() {
        while (true) {
            skip_lines();
            if (at_ == end_)
                return std::move(strings_);
            if (tables_.size() > kNamesMost || strings_.size() > kNamesMost)
                return Error{Errc::LimitExceeded, "the file holds too many values; split it"};
            TRY(*at_ == '[' ? read_table() : read_pair(table_, 0));
            skip_blanks();
            if (at_ != end_ && *at_ != '\n' && *at_ != '#' && *at_ != '\r')
                return bad("something is behind the end of a value");
        }
    }

  private:
    Error bad(const char* why) const {
        return {Errc::MalformedRequest, "line " +
                                            std::to_string(lines_.of(std::string_view(at_, end_))) +
                                            " is not read: " + why};
    }
    bool is_at(std::string_view text) const {
        return std::string_view(at_, static_cast<std::size_t>(end_ - at_)).starts_with(text);
    }
    void skip_blanks() {
        while (at_ != end_ && (*at_ == ' ' || *at_ == '\t'))
            ++at_;
    }
    // Blanks, line ends and comments.
    void skip_lines() {
        while (at_ != end_ &&
               (*at_ == ' ' || *at_ == '\t' || *at_ == '\r' || *at_ == '\n' || *at_ == '#')) {
            if (*at_ == '#')
                at_ = std::find(at_, end_, '\n');
            else
                ++at_;
        }
    }

    Result<void> read_table() {
        if (is_at("[["))
            return bad("a table of an array");
        ++at_;
        table_ = TRY(read_keys());
        if (at_ == end_ || *at_ != ']')
            return bad("a table's name has no ]");
        ++at_;
        if (std::find(tables_.begin(), tables_.end(), table_) != tables_.end())
            return bad("a table comes twice");
        tables_.push_back(table_);
        return {};
    }

    Result<TomlKeys> read_keys() {
        TomlKeys keys;
        while (keys.size() < limits::kImportNesting) {
            skip_blanks();
            keys.push_back(TRY(read_key()));
            skip_blanks();
            if (at_ == end_ || *at_ != '.')
                return keys;
            ++at_;
        }
        return bad("it is nested too deeply");
    }
    Result<std::string_view> read_key() {
        if (at_ != end_ && (*at_ == '"' || *at_ == '\''))
            return read_string();
        const char* const begin = at_;
        while (at_ != end_ && is_bare(*at_))
            ++at_;
        if (at_ == begin)
            return bad("a name is missing");
        return std::string_view(begin, static_cast<std::size_t>(at_ - begin));
    }

    Result<void> read_pair(const TomlKeys& table, std::size_t depth) {
        const TomlKeys own = TRY(read_keys());
        TomlKeys keys = table;
        keys.insert(keys.end(), own.begin(), own.end());
        if (at_ == end_ || *at_ != '=')
            return bad("a name has no = behind it");
        ++at_;
        skip_blanks();
        if (at_ != end_ && (*at_ == '"' || *at_ == '\'')) {
            const std::string_view value = TRY(read_string());
            const bool is_there =
                std::any_of(strings_.begin(), strings_.end(),
                            [&](const TomlString& string) { return string.keys == keys; });
            if (is_there)
                return bad("a name comes twice");
            strings_.push_back({std::move(keys), value});
            return {};
        }
        if (at_ != end_ && *at_ == '{')
            return read_inline(keys, depth + 1);
        return skip_value(depth + 1);
    }

    Result<void> read_inline(const TomlKeys& keys, std::size_t depth) {
        if (depth > limits::kImportNesting)
            return bad("it is nested too deeply");
        ++at_;
        skip_blanks();
        while (at_ != end_ && *at_ != '}') {
            TRY(read_pair(keys, depth));
            skip_blanks();
            if (at_ != end_ && *at_ == ',') {
                ++at_;
                skip_blanks();
            } else if (at_ == end_ || *at_ != '}') {
                break;
            }
        }
        if (at_ == end_ || *at_ != '}')
            return bad("an inline table has no }");
        ++at_;
        return {};
    }

    // Anything but a string: a number, a date, true, an array with all that is in it.
    Result<void> skip_value(std::size_t depth) {
        if (depth > limits::kImportNesting)
            return bad("it is nested too deeply");
        if (at_ == end_ || *at_ != '[') {
            const char* const begin = at_;
            while (at_ != end_ && (is_bare(*at_) || *at_ == '.' || *at_ == ':' || *at_ == '+'))
                ++at_;
            return at_ == begin ? Result<void>(bad("a value is missing")) : Result<void>();
        }
        ++at_;
        while (true) {
            skip_lines();
            if (at_ != end_ && *at_ == ']')
                break;
            TRY(skip_item(depth));
            skip_lines();
            if (at_ != end_ && *at_ == ',')
                ++at_;
            else if (at_ == end_ || *at_ != ']')
                return bad("an array has no ]");
        }
        ++at_;
        return {};
    }
    Result<void> skip_item(std::size_t depth) {
        if (at_ != end_ && (*at_ == '"' || *at_ == '\'')) {
            TRY(read_string());
            return {};
        }
        if (at_ == end_ || *at_ != '{')
            return skip_value(depth + 1);
        // Nothing in an array is looked for.
        const std::size_t count = strings_.size();
        TRY(read_inline({std::string_view("[]")}, depth + 1));
        strings_.resize(count);
        return {};
    }

    Result<std::string_view> read_string() {
        if (is_at("\"\"\"") || is_at("'''"))
            return bad("a string of several lines");
        const char quote = *at_++;
        char* const begin = at_;
        char* put = at_;
        while (at_ != end_ && *at_ != quote && *at_ != '\n') {
            if (*at_ != '\\' || quote == '\'')
                *put++ = *at_++;
            else
                put = TRY(read_escape(put));
        }
        if (at_ == end_ || *at_ != quote)
            return bad("a string has no end");
        ++at_;
        return std::string_view(begin, static_cast<std::size_t>(put - begin));
    }
    Result<char*> read_escape(char* put) {
        constexpr std::string_view kLetters = "btnfr\"\\";
        constexpr std::string_view kBytes = "\b\t\n\f\r\"\\";
        const char letter = ++at_ == end_ ? '\0' : *at_;
        if (const std::size_t which = kLetters.find(letter); which != std::string_view::npos) {
            ++at_;
            *put++ = kBytes[which];
            return put;
        }
        const std::ptrdiff_t digits = letter == 'u' ? 4 : letter == 'U' ? 8 : 0;
        std::uint32_t code = 0;
        if (digits == 0 || end_ - at_ <= digits ||
            std::from_chars(at_ + 1, at_ + 1 + digits, code, 16).ptr != at_ + 1 + digits ||
            code > 0x10ffff || (code >= 0xd800 && code < 0xe000))
            return bad("an escape that is none");
        at_ += 1 + digits;
        return put_utf8(put, code);
    }

    LineNumbers lines_;
    char* at_;
    char* end_;
    TomlKeys table_;
    std::vector<TomlKeys> tables_;
    std::vector<TomlString> strings_;
};

}  // namespace

Result<std::vector<TomlString>> read_toml(std::span<char> text) {
    return TomlText(text).read();
}

}  // namespace patd::cli
