// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "common/base/pam_line.h"
#include "tests/fuzz/input.h"
#include "tests/fuzz/targets.h"

namespace patd::fuzz {
namespace {

// What divides or hides text could not be written back.
bool is_plain(const std::string& word) {
    return !word.empty() && word.find_first_of("[]#\\\n") == std::string::npos;
}

std::string quoted(const std::string& word) {
    return word.find_first_of(" \t\r") == std::string::npos ? word : "[" + word + "]";
}

bool is_same(const PamLine& a, const PamLine& b) {
    return a.type == b.type && a.control == b.control && a.module == b.module &&
           a.arguments == b.arguments;
}

void write_again(const PamLine& line) {
    std::string text = line.type;
    bool plain = is_plain(line.type) && is_plain(line.module);
    if (!line.is_include()) {
        plain = plain && is_plain(line.control);
        text += " " + line.control;
    }
    text += " " + line.module;
    for (const std::string& argument : line.arguments) {
        plain = plain && is_plain(argument);
        text += " " + quoted(argument);
    }
    if (!plain || line.type.starts_with('-'))
        return;
    const std::vector<PamLine> again = parse_pam_lines(text + "\n");
    require(again.size() == 1 && is_same(again.front(), line), "a rule is read again as itself");
}

}  // namespace

void pam_lines(std::string_view input) {
    const std::vector<PamLine> lines = parse_pam_lines(input);
    for (const PamLine& line : lines) {
        write_again(line);
        require(!line.is_for_pam_pat() || line.module.ends_with("pam_pat.so"),
                "a rule is for the module that it names");
    }
    // A text that ends with a line's end, and has no line that continues, can be followed by any
    // rule.
    if (input.empty() || (input.ends_with('\n') && input.find('\\') == std::string_view::npos)) {
        const std::vector<PamLine> more =
            parse_pam_lines(std::string(input) + "auth required pam_deny.so\n");
        require(more.size() == lines.size() + 1 && more.back().module == "pam_deny.so",
                "a line hides no other");
    }
}

}  // namespace patd::fuzz
