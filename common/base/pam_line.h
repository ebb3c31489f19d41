// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace patd {

// One rule of a file in /etc/pam.d, pam.conf(5).
struct PamLine {
    std::string type;  // auth, account, ..., @include; in small letters, without a `-` before it
    std::string
        control;  // required, [success=1 default=ignore], ..., in small letters; of @include none
    std::string module;  // for @include the name of the other file
    std::vector<std::string> arguments;
    std::string service;  // whose file it stands in; empty where a text was parsed

    bool is_include() const { return type == "@include"; }
    // Whether it puts the rules of its type of another file here; module is that file's name.
    bool includes_type() const { return control == "include" || control == "substack"; }
    // Whether it is for that module, by whatever path.
    bool is_for(std::string_view name) const {
        return module.ends_with(name) &&
               (module.size() == name.size() || module[module.size() - name.size() - 1] == '/');
    }
    bool is_for_pam_pat() const { return is_for("pam_pat.so"); }
};

// The rules of a file, pure. Comments go, a backslash at the end of a line without a comment
// continues it, over empty lines and comments too, brackets hold an argument with spaces together.
// A line of another form has empty parts.
std::vector<PamLine> parse_pam_lines(std::string_view text);

}  // namespace patd
