// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "cli/tools/flat_text.h"

namespace patd::cli::tools {

// A TOML file that people have formatted: lines and elements are put in and taken out where they
// stand, and every other byte stays. Refused: what toml++ refuses, which includes a key that comes
// twice. Pure.
extern const Format kToml;

// Whether a table of that name has a head of its own.
Result<bool> has_table(const std::string& text, const std::string& table);
std::vector<std::string> tables_below(const std::string& text, const std::string& prefix);

// With a line right after the head of a table, which is made at the end of the file where there is
// none. `mark`, a comment, ends the lines that are put in.
Result<std::string> with_toml_line(const std::string& text, const std::string& table,
                                   const std::string& line, const std::string& mark);
// Without the line of that name, if it ends with `mark`, and without a head that ends with it too
// and has no other line.
Result<std::string> without_toml_line(const std::string& text, const std::string& table,
                                      const std::string& name, const std::string& mark);

// With `value`, which needs no escapes, at the end of an array.
Result<std::string> with_element(const std::string& text, const std::string& array,
                                 const std::string& value);
// Without its last element of that value.
Result<std::string> without_element(const std::string& text, const std::string& array,
                                    const std::string& value);
// The texts in an array.
Result<std::vector<std::string>> elements_of(const std::string& text, const std::string& array);
// A text; "" where there is none.
Result<std::string> toml_text(const std::string& text, const std::string& name);

}  // namespace patd::cli::tools
