// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "cli/text/style.h"

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace patd::cli {

// What becomes of a cell that is wider than there is room. A Place is shortened in its middle, and
// has no `https://` on a terminal (but with -l): what has no protocol there is that.
enum class Fit { Whole, Shortened, Place };

struct Column {
    // NOLINTNEXTLINE(google-explicit-constructor): a table of plain columns is a list of names
    Column(const char* given, Fit how = Fit::Whole, int when = 0)
        : name(given), fit(how), dropped(when) {}

    std::string name;
    Fit fit;
    int dropped;  // where there is no room, the highest number goes first; 0: it stays
};

// A colour says what a word says already.
enum class Tone { Plain, Warning, Bad };

struct Cell {
    // NOLINTNEXTLINE(google-explicit-constructor): most cells are a text and nothing else
    Cell(std::string shown, Tone shade = Tone::Plain) : text(std::move(shown)), tone(shade) {}

    std::string text;
    Tone tone;
};

// Rows of text under a header, each column as wide as its widest cell on a terminal. Where there is
// no room for all of it, columns go in their order until the others fit with cells that are
// shortened (`...`) to no less than 16 columns, or to no less than 10 where that helps. Where even
// that is no help, and with -l, each row becomes lines of its own, so that no word is ever broken.
class Table {
  public:
    explicit Table(std::vector<Column> columns) : columns_(std::move(columns)) {}

    // As many cells as there are columns.
    void add(std::vector<Cell> cells) { rows_.push_back(std::move(cells)); }
    std::string format(const Style& style) const;

  private:
    using Widths = std::vector<std::size_t>;

    using Shown = std::vector<std::pair<std::size_t, std::size_t>>;  // a column's index, its width

    Table without_protocols() const;
    Widths natural_widths() const;
    // The columns that are shown, with what they get of `room`; none when nothing helps.
    Shown divide(std::size_t room) const;
    std::string format_cells(const Shown& shown, const Style& style) const;
    std::string format_records(const Style& style) const;

    std::vector<Column> columns_;
    std::vector<std::vector<Cell>> rows_;
};

// Names and values one below the other. A value with several lines is indented, and so is what
// does not fit on a line.
class Fields {
  public:
    void add(std::string name, std::string value) {
        rows_.emplace_back(std::move(name), std::move(value));
    }
    std::string format(const Style& style = {}) const;

  private:
    std::vector<std::pair<std::string, std::string>> rows_;
};

// `text` as it is when every character of it shows; otherwise with `?` for each byte outside
// printable ASCII, so that nothing moves a terminal's cursor.
std::string printable(std::string_view text);

// The first two of `texts` and how many more there are; `-` for none.
std::string format_short_list(const std::vector<std::string>& texts);

}  // namespace patd::cli
