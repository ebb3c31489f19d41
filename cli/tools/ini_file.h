// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "cli/tools/flat_text.h"

namespace patd::cli::tools {

// Files of `[section]` and `key = value` lines: those of Python's configparser (aws, pip, ansible),
// npm's and go's. Lines are put in and taken out whole; every other byte stays, also a missing end
// of the last line. A value goes on in lines that are indented deeper than its key, and keys are
// the same in any case: FlatText has them in lower case. Refused: a section or a key that comes
// twice, and a line that is none of these. Pure.
extern const Format kIni;
// npm and go: values are divided by `=` alone and end with their line; any line is one, and of a
// key that comes twice the last counts. A key before the first section is in the section "".
extern const Format kLines;

struct IniKey {
    std::string_view section;
    std::string_view key;
};

// The name of its value in FlatText, and the value; none where there is none.
std::string name_of(const IniKey& key);
std::string value_of(const FlatText& flat, const IniKey& key);
bool has_section(const FlatText& flat, std::string_view section);

// With a line `key = value` at the end of its section. A section that is not there is made at the
// end of the file, below the comment `mark`.
std::string with_line(const Format& format, const std::string& text, const IniKey& key,
                      std::string_view value, std::string_view mark);
// With another value of a key that is there, in one line.
std::string with_value(const Format& format, const std::string& text, const IniKey& key,
                       std::string_view value);
// Without the line, and without a section that `mark` stands above and that has no other line.
std::string without_line(const Format& format, const std::string& text, const IniKey& key,
                         std::string_view mark);

}  // namespace patd::cli::tools
