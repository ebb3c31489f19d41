// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "daemon/config/config_text.h"

#include <algorithm>

namespace patd {
namespace {

constexpr std::string_view kSpace = " \t\r";

std::string_view trim(std::string_view text) {
    const std::size_t begin = text.find_first_not_of(kSpace);
    if (begin == std::string_view::npos)
        return {};
    return text.substr(begin, text.find_last_not_of(kSpace) - begin + 1);
}

bool has_control_byte(std::string_view text) {
    return std::any_of(text.begin(), text.end(),
                       [](unsigned char c) { return (c < 0x20 && c != '\t') || c == 0x7f; });
}

// Reads one file line by line.
class Reader {
  public:
    explicit Reader(const ConfigForm& form) : form_(form) {}

    void read_line(std::string_view text) {
        ++number_;
        text = trim(text);
        if (text.empty() || text.front() == '#' || text.front() == ';')
            return;
        if (has_control_byte(text))
            return refuse("a control character; write this line again");
        if (text.front() == '[')
            return read_section(text);
        const std::size_t equals = text.find('=');
        if (equals == std::string_view::npos)
            return refuse(form_.shapeless_line);
        if (!in_section_ && !in_unknown_section_)
            return refuse(form_.outside_section);
        // One fault per section is enough.
        if (in_section_)
            lines_.push_back(
                {number_, section_, trim(text.substr(0, equals)), trim(text.substr(equals + 1))});
    }

    std::vector<ConfigLine> take() { return std::move(lines_); }

  private:
    void read_section(std::string_view text) {
        section_ = text.ends_with(']') ? text.substr(1, text.size() - 2) : std::string_view();
        in_section_ = !section_.empty() && form_.has_section(section_);
        in_unknown_section_ = !in_section_;
        if (!in_section_)
            return refuse(form_.unknown_section);
        lines_.push_back({.number = number_, .section = section_, .begins_section = true});
    }
    void refuse(std::string_view fault) { lines_.push_back({.number = number_, .fault = fault}); }

    const ConfigForm& form_;
    std::size_t number_ = 0;
    std::string_view section_;
    bool in_section_ = false;
    bool in_unknown_section_ = false;
    std::vector<ConfigLine> lines_;
};

}  // namespace

const ConfigForm kPatdForm{[](std::string_view name) { return name == "Patd"; },
                           "an unknown section; the only one is [Patd]",
                           "an option outside of a section; put the line [Patd] above it",
                           "neither KEY=VALUE, nor [Patd], nor a comment; put # before a comment"};

std::string format_fault(const ConfigFault& fault) {
    const std::string line = fault.line == 0 ? "" : ":" + std::to_string(fault.line);
    return fault.file + line + ": " + fault.text;
}

std::vector<ConfigLine> parse_config_text(std::string_view text, const ConfigForm& form) {
    Reader reader(form);
    while (!text.empty()) {
        const std::size_t end = std::min(text.find('\n'), text.size());
        reader.read_line(text.substr(0, end));
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return reader.take();
}

}  // namespace patd
