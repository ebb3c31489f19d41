// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace patd {

// A fault in the configuration, with its fix. The text holds no bytes of a value.
struct ConfigFault {
    std::string file;
    std::size_t line = 0;  // 0: the file as a whole
    std::string text;
    // The file could not be read for now, but perhaps will be in a moment; nothing in it is known
    // to be wrong.
    bool may_pass = false;

    friend bool operator==(const ConfigFault&, const ConfigFault&) = default;
};

// "FILE:LINE: what, and the fix".
std::string format_fault(const ConfigFault& fault);

// One line: the beginning of a section, or a KEY=VALUE in it, both stripped of blanks; or the
// line's fault.
struct ConfigLine {
    std::size_t number = 0;
    std::string_view section = {};  // the text between the brackets
    std::string_view key = {};
    std::string_view value = {};
    std::string_view fault = {};  // if not empty: what is wrong, and the fix
    bool begins_section = false;  // then there is no key or value
};

// Which sections a kind of file has, and what its faults say about them.
struct ConfigForm {
    bool (*has_section)(std::string_view name);
    std::string_view unknown_section;
    std::string_view outside_section;
    std::string_view shapeless_line;
};
// The form of patd.conf(5): one section, [Patd].
extern const ConfigForm kPatdForm;

// The meaningful lines of one file in the form of systemd.syntax(7), with the sections of `form`,
// without continued lines or quotes. The result points into `text`. Pure.
std::vector<ConfigLine> parse_config_text(std::string_view text, const ConfigForm& form);

}  // namespace patd
