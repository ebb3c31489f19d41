// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "cli/text/wrap.h"

#include <algorithm>
#include <clocale>
#include <cwchar>

namespace patd::cli {
namespace {

constexpr std::string_view kCut = "...";
constexpr std::size_t kExampleIndent = 4;

// mbrtowc and wcwidth depend on the locale; this one knows UTF-8 and is always there.
class Utf8Locale {
  public:
    Utf8Locale() : locale_(newlocale(LC_CTYPE_MASK, "C.UTF-8", nullptr)) {
        if (locale_ != nullptr)
            previous_ = uselocale(locale_);
    }
    Utf8Locale(const Utf8Locale&) = delete;
    Utf8Locale& operator=(const Utf8Locale&) = delete;
    ~Utf8Locale() {
        if (locale_ == nullptr)
            return;
        uselocale(previous_);
        freelocale(locale_);
    }

  private:
    locale_t locale_;
    locale_t previous_ = nullptr;
};

struct Character {
    std::size_t bytes;
    std::size_t columns;
};

// Of the first character of `text`, which is not empty.
Character measure_first(std::string_view text, std::mbstate_t& state) {
    wchar_t character{};
    const std::size_t bytes = std::mbrtowc(&character, text.data(), text.size(), &state);
    if (bytes == 0 || bytes > text.size()) {
        state = {};
        return {1, 1};
    }
    const int columns = wcwidth(character);
    return {bytes, columns < 0 ? 1 : static_cast<std::size_t>(columns)};
}

std::size_t bytes_of_first(std::string_view text) {
    const Utf8Locale locale;
    std::mbstate_t state{};
    return measure_first(text, state).bytes;
}

// The bytes of `text` that take at most `width` columns.
std::size_t fitting_bytes(std::string_view text, std::size_t width) {
    const Utf8Locale locale;
    std::mbstate_t state{};
    std::size_t bytes = 0;
    while (bytes < text.size()) {
        const Character next = measure_first(text.substr(bytes), state);
        if (next.columns > width)
            break;
        width -= next.columns;
        bytes += next.bytes;
    }
    return bytes;
}

std::string_view take_line(std::string_view& text) {
    const std::size_t end = text.find('\n');
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    return line;
}

// Where the word that begins at `start` ends; a quoted command is one word.
std::size_t end_of_word(std::string_view line, std::size_t start) {
    const std::string_view word =
        line.substr(start + (line.substr(start).starts_with('(') ? 1 : 0));
    std::size_t from = start;
    if (word.starts_with("'patctl ") || word.starts_with("'sudo patctl ")) {
        const std::size_t closing = line.find('\'', line.find('\'', start) + 1);
        from = closing == std::string_view::npos ? start : closing;
    }
    return std::min(line.find(' ', from), line.size());
}

bool is_for_copying(std::string_view line, std::size_t indent) {
    return indent >= kExampleIndent || line.find('\x1b') != std::string_view::npos;
}

}  // namespace

std::size_t display_width(std::string_view text) {
    const Utf8Locale locale;
    std::mbstate_t state{};
    std::size_t width = 0;
    while (!text.empty()) {
        const Character first = measure_first(text, state);
        width += first.columns;
        text.remove_prefix(first.bytes);
    }
    return width;
}

std::string shorten(std::string_view text, std::size_t width) {
    if (display_width(text) <= width)
        return std::string(text);
    const std::string_view cut = kCut.substr(0, width);
    const std::size_t bytes = fitting_bytes(text, width - cut.size());
    return std::string(text.substr(0, bytes)).append(cut);
}

std::string shorten_place(std::string_view text, std::size_t width) {
    if (display_width(text) <= width)
        return std::string(text);
    const std::string_view cut = kCut.substr(0, width);
    const std::size_t room = width - cut.size();
    const std::size_t slash = text.rfind('/');
    const bool has_path = slash != std::string_view::npos && slash > 0 && text[slash - 1] != '/';
    std::string_view tail = has_path ? text.substr(slash) : std::string_view();
    if (tail.empty() || display_width(tail) > room - room / 3) {
        tail = text;
        while (display_width(tail) > room / 2)
            tail.remove_prefix(bytes_of_first(tail));
    }
    std::string_view head = text.substr(0, fitting_bytes(text, room - display_width(tail)));
    while (head.ends_with('.'))
        head.remove_suffix(1);
    return std::string(head).append(cut).append(tail);
}

std::string own_line(std::string_view command) {
    return "\n" + std::string(kExampleIndent, ' ').append(command);
}

std::vector<std::string> wrap_line(std::string_view line, std::size_t width) {
    std::vector<std::string> lines;
    std::string current;
    while (!line.empty()) {
        // A word with the blanks before it.
        const std::size_t start = std::min(line.find_first_not_of(' '), line.size());
        const std::size_t end = end_of_word(line, start);
        const std::string_view piece = line.substr(0, end);
        if (current.empty() || display_width(current) + display_width(piece) <= width) {
            current += piece;
        } else {
            lines.push_back(std::move(current));
            current = piece.substr(start);
        }
        line.remove_prefix(end);
    }
    lines.push_back(std::move(current));
    return lines;
}

std::string wrap_text(std::string_view text, std::size_t width) {
    std::string wrapped;
    while (!text.empty()) {
        const bool is_whole = text.find('\n') != std::string_view::npos;
        const std::string_view line = take_line(text);
        const std::size_t indent = std::min(line.find_first_not_of(' '), line.size());
        if (indent >= width || display_width(line) <= width || is_for_copying(line, indent)) {
            wrapped.append(line);
        } else {
            const std::string blanks(indent, ' ');
            std::string separator;
            for (const std::string& piece : wrap_line(line.substr(indent), width - indent)) {
                wrapped.append(separator).append(blanks).append(piece);
                separator = "\n";
            }
        }
        wrapped += is_whole ? "\n" : "";
    }
    return wrapped;
}

}  // namespace patd::cli
