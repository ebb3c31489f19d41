// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "cli/text/table.h"

#include "cli/text/wrap.h"
#include "common/token/visible_text.h"

#include <algorithm>
#include <numeric>

namespace patd::cli {
namespace {

constexpr std::string_view kBold = "\x1b[1m";
constexpr std::string_view kYellow = "\x1b[33m";
constexpr std::string_view kRed = "\x1b[31m";
constexpr std::string_view kPlain = "\x1b[0m";
constexpr std::size_t kGap = 2;
constexpr std::size_t kShortest = 16;   // of a cell that is shortened
constexpr std::size_t kTight = 10;      // the same, where the row would become lines otherwise
constexpr std::size_t kNarrowest = 20;  // in which a value is still wrapped

std::string paint(const std::string& text, std::string_view color) {
    return color.empty() ? text : std::string(color).append(text).append(kPlain);
}

std::string_view color_of(Tone tone) {
    if (tone == Tone::Plain)
        return {};
    return tone == Tone::Bad ? kRed : kYellow;
}

using Shares = std::vector<std::pair<std::size_t, std::size_t>>;  // a column's index, its width

std::size_t total(const Shares& columns) {
    return std::accumulate(columns.begin(), columns.end(), std::size_t{0},
                           [](std::size_t sum, const auto& column) {
                               return sum + (sum == 0 ? 0 : kGap) + column.second;
                           });
}

constexpr std::string_view kUsualProtocol = "https://";

// `places` (one, or a list with commas, after the name of an exposure) as a terminal shows them.
std::string leave_out_protocol(std::string places) {
    for (std::size_t at = 0; (at = places.find(kUsualProtocol, at)) != std::string::npos;) {
        if (at == 0 || places[at - 1] == ',' || places[at - 1] == ' ')
            places.erase(at, kUsualProtocol.size());
        else
            at += kUsualProtocol.size();
    }
    return places;
}

std::string fit_into(std::string_view text, std::size_t width, Fit fit) {
    if (fit == Fit::Place)
        return shorten_place(text, width);
    // A description that an import made of the place.
    if (text.starts_with(kUsualProtocol) && display_width(text) > width)
        text.remove_prefix(kUsualProtocol.size());
    return shorten(text, width);
}

std::string pad(std::size_t columns) {
    return std::string(columns, ' ');
}

// Of those columns, of these widths, the ones that fit into `room` when none that is shortened gets
// less than `shortest`; none when that is no help.
Shares divide_among(const std::vector<Column>& columns, const std::vector<std::size_t>& widths,
                    std::size_t room, std::size_t shortest) {
    Shares shown;
    for (const std::size_t width : widths)
        shown.emplace_back(shown.size(), width);
    const auto can_shrink = [&](const auto& column) {
        return columns[column.first].fit != Fit::Whole && column.second > shortest;
    };
    const auto least = [&] {
        Shares narrow = shown;
        for (auto& column : narrow)
            column.second = can_shrink(column) ? shortest : column.second;
        return total(narrow);
    };
    while (least() > room) {
        const auto next =
            std::max_element(shown.begin(), shown.end(), [&](const auto& a, const auto& b) {
                return columns[a.first].dropped < columns[b.first].dropped;
            });
        if (columns[next->first].dropped == 0)
            return {};
        shown.erase(next);
    }
    while (total(shown) > room) {
        auto widest = shown.end();
        for (auto column = shown.begin(); column != shown.end(); ++column) {
            if (can_shrink(*column) && (widest == shown.end() || column->second > widest->second))
                widest = column;
        }
        --widest->second;
    }
    return shown;
}

}  // namespace

std::string printable(std::string_view text) {
    std::string shown(text);
    if (!is_visible_utf8(text))
        std::replace_if(
            shown.begin(), shown.end(), [](char c) { return c < 0x20 || c > 0x7e; }, '?');
    return shown;
}

std::string format_short_list(const std::vector<std::string>& texts) {
    constexpr std::size_t kListed = 2;
    if (texts.empty())
        return "-";
    std::string shown;
    for (std::size_t i = 0; i < texts.size() && i < kListed; ++i)
        shown += (i == 0 ? "" : ",") + texts[i];
    if (texts.size() > kListed)
        shown += " +" + std::to_string(texts.size() - kListed);
    return shown;
}

Table::Widths Table::natural_widths() const {
    Widths widths;
    widths.reserve(columns_.size());
    for (const Column& column : columns_)
        widths.push_back(display_width(column.name));
    for (const std::vector<Cell>& row : rows_) {
        for (std::size_t column = 0; column < row.size(); ++column)
            widths[column] = std::max(widths[column], display_width(row[column].text));
    }
    return widths;
}

Table::Shown Table::divide(std::size_t room) const {
    for (const std::size_t shortest : {kShortest, kTight}) {
        Shown shown = divide_among(columns_, natural_widths(), room, shortest);
        if (!shown.empty())
            return shown;
    }
    return {};
}

std::string Table::format_records(const Style& style) const {
    std::string text;
    for (const std::vector<Cell>& row : rows_) {
        Fields fields;
        for (std::size_t column = 0; column < row.size(); ++column)
            fields.add(columns_[column].name, row[column].text);
        text += (text.empty() ? "" : "\n") + fields.format(style);
    }
    return text;
}

Table Table::without_protocols() const {
    Table shown = *this;
    for (std::vector<Cell>& row : shown.rows_) {
        for (std::size_t column = 0; column < row.size(); ++column) {
            if (columns_[column].fit == Fit::Place)
                row[column].text = leave_out_protocol(std::move(row[column].text));
        }
    }
    return shown;
}

std::string Table::format(const Style& style) const {
    const Table spelled = style.width && !style.whole ? without_protocols() : *this;
    Shown shown;
    for (const std::size_t width : spelled.natural_widths())
        shown.emplace_back(shown.size(), width);
    if (style.width && total(shown) > *style.width) {
        shown = style.whole ? Shown() : spelled.divide(*style.width);
        if (shown.empty())
            return format_records(style);
    }
    return spelled.format_cells(shown, style);
}

std::string Table::format_cells(const Shown& shown, const Style& style) const {
    const auto format_row = [&](const auto& cell_of) {
        std::string line;
        std::size_t missing = 0;  // blanks at the end of a line are left out
        for (const auto& [column, width] : shown) {
            const Cell& cell = cell_of(column);
            const std::string text = fit_into(cell.text, width, columns_[column].fit);
            if (!text.empty())
                line += pad(missing) + paint(text, style.color ? color_of(cell.tone) : "");
            missing = (text.empty() ? missing : 0) + width - display_width(text) + kGap;
        }
        return line;
    };
    std::vector<Cell> header;
    header.reserve(columns_.size());
    for (const Column& column : columns_)
        header.emplace_back(column.name);
    std::string text =
        paint(format_row([&](std::size_t column) -> const Cell& { return header[column]; }),
              style.color ? kBold : std::string_view());
    text += '\n';
    for (const std::vector<Cell>& row : rows_)
        text += format_row([&](std::size_t column) -> const Cell& { return row[column]; }) + '\n';
    return text;
}

std::string Fields::format(const Style& style) const {
    std::size_t width = 0;
    for (const auto& [name, value] : rows_)
        width = std::max(width, display_width(name));
    const std::size_t indent = width + kGap;
    const bool wraps = style.width && *style.width >= indent + kNarrowest;
    std::string text;
    for (const auto& [name, value] : rows_) {
        std::string before = name + pad(indent - display_width(name));
        std::string_view rest = value;
        do {
            const std::size_t end = std::min(rest.find('\n'), rest.size());
            const std::string_view line = rest.substr(0, end);
            rest.remove_prefix(std::min(end + 1, rest.size()));
            const std::vector<std::string> pieces =
                wraps ? wrap_line(line, *style.width - indent)
                      : std::vector<std::string>{std::string(line)};
            for (const std::string& piece : pieces) {
                const std::string whole = before + piece;
                text += whole.substr(0, whole.find_last_not_of(' ') + 1) + "\n";
                before = pad(indent);
            }
        } while (!rest.empty());
    }
    return text;
}

}  // namespace patd::cli
