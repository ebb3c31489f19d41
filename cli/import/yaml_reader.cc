// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "cli/import/yaml_reader.h"

#include "common/base/limits.h"

#include <algorithm>
#include <optional>
#include <string>

namespace patd::cli {
namespace {

constexpr std::string_view kYamlBlanks = " \t\r";

// More than this holds no file that one import takes; each is compared with the others.
constexpr std::size_t kValuesMost = 16 * limits::kTokensPerUser;

// A mapping or a sequence that is open.
struct YamlLevel {
    std::size_t indent;
    bool is_sequence;
    YamlStep step = {};  // of what is read in it now
    std::vector<std::string_view> keys = {};
};

std::string_view without_end(std::string_view text) {
    const std::size_t last = text.find_last_not_of(kYamlBlanks);
    return last == std::string_view::npos ? "" : text.substr(0, last + 1);
}

// Where a plain text ends: before a comment.
std::string_view without_comment(std::string_view text) {
    for (std::size_t at = text.find('#'); at != std::string_view::npos;
         at = text.find('#', at + 1)) {
        if (at == 0 || kYamlBlanks.find(text[at - 1]) != std::string_view::npos)
            return without_end(text.substr(0, at));
    }
    return without_end(text);
}

class YamlText {
  public:
    explicit YamlText(std::span<char> text) : rest_(text) {}

    Result<std::vector<YamlValue>> read() {
        while (!rest_.empty()) {
            ++line_;
            const auto end = std::find(rest_.begin(), rest_.end(), '\n');
            const auto size = static_cast<std::size_t>(end - rest_.begin());
            const std::span<char> line = rest_.first(size);
            rest_ = rest_.subspan(std::min(size + 1, rest_.size()));
            TRY(read_line(line));
        }
        return std::move(values_);
    }

  private:
    Error bad(const char* why) const {
        return {Errc::MalformedRequest,
                "line " + std::to_string(line_) + " is not read: " + std::string(why)};
    }

    Result<void> read_line(std::span<char> line) {
        const std::string_view all(line.data(), line.size());
        const std::size_t indent = all.find_first_not_of(' ');
        const std::string_view text = indent == std::string_view::npos ? "" : all.substr(indent);
        if (without_end(text).empty() || text.front() == '#')
            return {};
        // A value with more lines than its first is odd as a whole.
        if (value_indent_ && indent > *value_indent_) {
            if (!value_)
                return bad("it is deeper than a value before it");
            values_[*value_].is_odd = true;
            values_[*value_].text = {};
            return {};
        }
        value_indent_.reset();
        if (text.front() == '\t')
            return bad("a tab before it");
        if (indent == 0 && (text.starts_with("---") || text.starts_with("...")))
            return values_.empty() && levels_.empty() && without_end(text) == "---"
                       ? Result<void>()
                       : bad("a second document");
        return read_node(line.subspan(indent), indent);
    }

    // A line from its first letter on, or what is behind the `- ` of an item.
    Result<void> read_node(std::span<char> line, std::size_t indent) {
        const std::string_view text(line.data(), line.size());
        const bool is_item = text.front() == '-' && (text.size() == 1 || text[1] == ' ');
        TRY(enter(indent, is_item));
        if (!is_item)
            return read_pair(line, indent);
        levels_.back().step.item += 1;
        const std::size_t begin = text.find_first_not_of(' ', 1);
        const std::string_view value =
            begin == std::string_view::npos ? "" : without_end(text.substr(begin));
        if (value.empty() || value.front() == '#')
            return {};
        if (is_pair(value))
            return read_node(line.subspan(begin), indent + begin);
        return take(line.subspan(begin), indent);
    }

    // Closes what is deeper, and opens what begins here.
    Result<void> enter(std::size_t indent, bool is_sequence) {
        // An item may stand as far left as the key that it belongs to.
        bool is_closed = false;
        while (!levels_.empty() &&
               (levels_.back().indent > indent ||
                (levels_.back().indent == indent && levels_.back().is_sequence && !is_sequence))) {
            levels_.pop_back();
            is_closed = true;
        }
        if (!levels_.empty() && levels_.back().indent == indent &&
            levels_.back().is_sequence == is_sequence)
            return {};
        if (is_closed && (!is_sequence || levels_.empty() || levels_.back().indent != indent))
            return bad("it stands below nothing that is as far left");
        if (levels_.empty() && (is_sequence || indent != 0))
            return bad("it is no mapping");
        if (levels_.size() == limits::kImportNesting)
            return bad("it is nested too deeply");
        levels_.push_back({indent, is_sequence});
        return {};
    }

    // Whether a key is in front.
    static bool is_pair(std::string_view text) { return key_size(text) != std::string_view::npos; }
    // Of the key with its quotes; npos: there is none.
    static std::size_t key_size(std::string_view text) {
        std::size_t end = 0;
        if (text.front() == '"' || text.front() == '\'') {
            end = text.find(text.front(), 1);
            if (end == std::string_view::npos)
                return end;
            ++end;
            return end < text.size() && text[end] == ':' &&
                           (end + 1 == text.size() || text[end + 1] == ' ')
                       ? end
                       : std::string_view::npos;
        }
        for (end = text.find(':'); end != std::string_view::npos; end = text.find(':', end + 1)) {
            if (end + 1 == text.size() || kYamlBlanks.find(text[end + 1]) != std::string_view::npos)
                return end;
        }
        return end;
    }

    Result<void> read_pair(std::span<char> line, std::size_t indent) {
        const std::string_view text = without_end({line.data(), line.size()});
        const std::size_t size = key_size(text);
        if (size == std::string_view::npos || size == 0)
            return bad("no 'name: value'");
        std::string_view key = text.substr(0, size);
        if (key.front() == '"' || key.front() == '\'')
            key = key.substr(1, key.size() - 2);
        else if (key.find_first_of("&*!{[|>%@`?") == 0)
            return bad("a name of another form");
        YamlLevel& level = levels_.back();
        if (std::find(level.keys.begin(), level.keys.end(), key) != level.keys.end())
            return bad("a name comes twice");
        if (level.keys.size() == kValuesMost || values_.size() == kValuesMost)
            return Error{Errc::LimitExceeded, "the file holds too many values; split it"};
        level.keys.push_back(key);
        level.step = {key, 0};
        const std::size_t begin = text.find_first_not_of(kYamlBlanks, size + 1);
        if (begin == std::string_view::npos || text[begin] == '#')
            return {};
        return take(line.subspan(begin, text.size() - begin), indent);
    }

    // A value that begins in this line.
    Result<void> take(std::span<char> value, std::size_t indent) {
        const std::string_view text = without_end({value.data(), value.size()});
        YamlValue found{line_, {}, {}, false};
        for (const YamlLevel& level : levels_)
            found.path.push_back(level.step);
        value_indent_ = indent;
        value_.reset();
        if (text.front() == '"' || text.front() == '\'') {
            found.is_odd = !unquote(value.first(text.size()), found.text);
        } else {
            found.text = without_comment(text);
            if (found.text == "{}" || found.text == "[]" || found.text == "~" ||
                found.text == "null")
                return {};
            found.is_odd =
                found.text.starts_with("- ") ||
                std::string_view("&*!{[|>%@`").find(text.front()) != std::string_view::npos ||
                is_pair(found.text);
        }
        if (found.is_odd)
            found.text = {};
        value_ = values_.size();
        values_.push_back(std::move(found));
        return {};
    }

    // Decodes in place; false for what has no end in this line, something behind it, or an escape
    // that JSON does not have too.
    static bool unquote(std::span<char> value, std::string_view& text) {
        const char quote = value.front();
        std::size_t put = 1;
        std::size_t at = 1;
        for (; at < value.size(); ++at) {
            char byte = value[at];
            const char next = at + 1 < value.size() ? value[at + 1] : '\0';
            if (byte == quote) {
                // '' stands for one of them.
                if (quote == '"' || next != quote)
                    break;
                ++at;
            } else if (byte == '\\' && quote == '"') {
                constexpr std::string_view kLetters = "\"\\/tn";
                constexpr std::string_view kBytes = "\"\\/\t\n";
                const std::size_t which = kLetters.find(next);
                if (which == std::string_view::npos)
                    return false;
                byte = kBytes[which];
                ++at;
            }
            value[put++] = byte;
        }
        if (at >= value.size())
            return false;
        const std::string_view behind(value.data() + at + 1, value.size() - at - 1);
        const std::size_t more = behind.find_first_not_of(kYamlBlanks);
        if (more != std::string_view::npos && (more == 0 || behind[more] != '#'))
            return false;
        text = {value.data() + 1, put - 1};
        return true;
    }

    std::span<char> rest_;
    std::size_t line_ = 0;
    std::vector<YamlLevel> levels_;
    std::vector<YamlValue> values_;
    // Of the value in the last line: where its line begins, and which it is unless it has no text.
    std::optional<std::size_t> value_indent_;
    std::optional<std::size_t> value_;
};

}  // namespace

Result<std::vector<YamlValue>> read_yaml(std::span<char> text) {
    return YamlText(text).read();
}

}  // namespace patd::cli
