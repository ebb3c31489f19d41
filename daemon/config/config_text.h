// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace patd {

// Something wrong in the configuration, with its fix. The text holds no bytes of a value.
struct ConfigFault {
    std::string file;
    std::size_t line = 0;  // 0: the file as a whole
    std::string text;
    // The file could not be read now, and perhaps can in a moment; nothing in it is known to be
    // wrong.
    bool may_pass = false;

    friend bool operator==(const ConfigFault&, const ConfigFault&) = default;
};

// "FILE:LINE: what, and the fix".
std::string format_fault(const ConfigFault& fault);

// One line: a section begins, or KEY=VALUE in it, without the space around both; or what is wrong
// with the line.
struct ConfigLine {
    std::size_t number = 0;
    std::string_view section = {};  // what stands between the brackets
    std::string_view key = {};
    std::string_view value = {};
    std::string_view fault = {};  // not empty: what is wrong, and the fix
    bool begins_section = false;  // without key and value
};

// Which sections a kind of file has, and what its faults say of them.
struct ConfigForm {
    bool (*has_section)(std::string_view name);
    std::string_view unknown_section;
    std::string_view outside_section;
    std::string_view shapeless_line;
};
// The form of patd.conf(5): one section, [Patd].
extern const ConfigForm kPatdForm;

// The lines of one file that say something, in the form of systemd.syntax(7), with the sections of
// `form` and neither continued lines nor quotes. The result points into `text`. Pure.
std::vector<ConfigLine> parse_config_text(std::string_view text, const ConfigForm& form);

}  // namespace patd
