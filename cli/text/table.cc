// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "cli/text/table.h"

#include "common/token/visible_text.h"

#include <algorithm>
#include <clocale>
#include <cwchar>
#include <memory>

namespace patd::cli {
namespace {

constexpr std::string_view kBold = "\x1b[1m";
constexpr std::string_view kPlain = "\x1b[0m";
constexpr std::size_t kGap = 2;

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

void append_padded(std::string& line, const std::string& cell, std::size_t width) {
    line += cell;
    line.append(width - display_width(cell) + kGap, ' ');
}

std::string format_row(const std::vector<std::string>& cells,
                       const std::vector<std::size_t>& widths) {
    std::string line;
    for (std::size_t column = 0; column < cells.size(); ++column)
        append_padded(line, cells[column], widths[column]);
    line.erase(line.find_last_not_of(' ') + 1);
    return line;
}

}  // namespace

std::string printable(std::string_view text) {
    std::string shown(text);
    if (!is_visible_utf8(text))
        std::replace_if(
            shown.begin(), shown.end(), [](char c) { return c < 0x20 || c > 0x7e; }, '?');
    return shown;
}

std::size_t display_width(std::string_view text) {
    const Utf8Locale locale;
    std::size_t width = 0;
    std::mbstate_t state{};
    while (!text.empty()) {
        wchar_t character{};
        const std::size_t length = std::mbrtowc(&character, text.data(), text.size(), &state);
        if (length == 0 || length > text.size())
            return width + text.size();
        const int columns = wcwidth(character);
        width += columns < 0 ? 1 : static_cast<std::size_t>(columns);
        text.remove_prefix(length);
    }
    return width;
}

std::string format_short_list(const std::vector<std::string>& texts) {
    constexpr std::size_t kShown = 2;
    if (texts.empty())
        return "-";
    std::string shown;
    for (std::size_t i = 0; i < texts.size() && i < kShown; ++i)
        shown += (i == 0 ? "" : ",") + texts[i];
    if (texts.size() > kShown)
        shown += " +" + std::to_string(texts.size() - kShown);
    return shown;
}

std::string Table::format(Header style) const {
    std::vector<std::size_t> widths;
    widths.reserve(header_.size());
    for (const std::string& name : header_)
        widths.push_back(display_width(name));
    for (const std::vector<std::string>& row : rows_) {
        for (std::size_t column = 0; column < row.size(); ++column)
            widths[column] = std::max(widths[column], display_width(row[column]));
    }
    std::string text = format_row(header_, widths);
    if (style == Header::Bold)
        text = std::string(kBold) + text + std::string(kPlain);
    text += '\n';
    for (const std::vector<std::string>& row : rows_)
        text += format_row(row, widths) + '\n';
    return text;
}

std::string Fields::format() const {
    std::size_t width = 0;
    for (const auto& [name, value] : rows_)
        width = std::max(width, display_width(name));
    std::string text;
    for (const auto& [name, value] : rows_) {
        std::string line;
        append_padded(line, name, width);
        const std::string indent(width + kGap, ' ');
        for (const char c : value)
            line += c == '\n' ? "\n" + indent : std::string(1, c);
        text += line + '\n';
    }
    return text;
}

}  // namespace patd::cli
