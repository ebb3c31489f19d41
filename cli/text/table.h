// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace patd::cli {

enum class Header { Plain, Bold };

// Rows of text under a header, each column as wide as its widest cell on a terminal.
class Table {
  public:
    explicit Table(std::vector<std::string> header) : header_(std::move(header)) {}

    // As many cells as the header has.
    void add(std::vector<std::string> cells) { rows_.push_back(std::move(cells)); }
    std::string format(Header style) const;

  private:
    std::vector<std::string> header_;
    std::vector<std::vector<std::string>> rows_;
};

// Names and values one below the other. A value with several lines is indented.
class Fields {
  public:
    void add(std::string name, std::string value) {
        rows_.emplace_back(std::move(name), std::move(value));
    }
    std::string format() const;

  private:
    std::vector<std::pair<std::string, std::string>> rows_;
};

// `text` as it is when every character of it shows; otherwise with `?` for each byte outside
// printable ASCII, so that nothing moves a terminal's cursor.
std::string printable(std::string_view text);

// The columns that `text` takes on a terminal. Wide characters count two.
std::size_t display_width(std::string_view text);

// The first two of `texts` and how many more there are; `-` for none.
std::string format_short_list(const std::vector<std::string>& texts);

}  // namespace patd::cli
