// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "cli/text/permissions_text.h"

#include "cli/text/table.h"
#include "cli/text/wrap.h"

#include <algorithm>

namespace patd::cli {
namespace {

constexpr std::size_t kAccessWidth = 5;  // "ro,rw"

// A line of the tree.
struct Line {
    std::string name;  // indented
    std::string access;
    std::string description;
};

// The name of a part, in the syntax of a permission.
std::string name_within(const std::string& whole, const std::string& part) {
    return whole + ":" + part;
}

std::string join(const std::vector<std::string>& texts) {
    std::string joined;
    for (const std::string& text : texts)
        joined += (joined.empty() ? "" : ",") + printable(text);
    return joined;
}

std::vector<Line> lines_of(const std::vector<client::Dictionary>& entries) {
    std::vector<Line> lines;
    std::string area;
    for (const client::Dictionary& entry : entries) {
        const std::string object = printable(entry.text("object"));
        const std::string description = printable(entry.text("description"));
        const std::string of = printable(entry.text("area"));
        // An area may be known by its objects alone.
        if (of != area)
            lines.push_back({of, "", object.empty() ? description : ""});
        area = of;
        if (!object.empty())
            lines.push_back(
                {"  " + name_within(of, object), join(entry.texts("access")), description});
    }
    return lines;
}

std::string pad(const std::string& text, std::size_t width) {
    return text + std::string(width - std::min(width, display_width(text)), ' ');
}

}  // namespace

std::string format_catalogue(const std::vector<client::Dictionary>& entries, const Style& style) {
    const std::vector<Line> lines = lines_of(entries);
    std::size_t width = 0;
    for (const Line& line : lines)
        width = std::max(width, display_width(line.name));
    const std::size_t indent = width + 2 + kAccessWidth + 2;
    const std::size_t room = style.width && *style.width > 2 * indent ? *style.width - indent : 0;
    std::string text;
    for (const Line& line : lines) {
        std::string before = pad(line.name, width) + "  " + pad(line.access, kAccessWidth) + "  ";
        const std::vector<std::string> pieces =
            room == 0 ? std::vector{line.description} : wrap_line(line.description, room);
        for (const std::string& piece : pieces) {
            const std::string row = before + piece;
            text += row.substr(0, row.find_last_not_of(' ') + 1) + "\n";
            before = std::string(indent, ' ');
        }
    }
    return text;
}

std::vector<client::Dictionary> entries_of(const std::vector<client::Dictionary>& entries,
                                           std::string_view name) {
    std::vector<client::Dictionary> chosen;
    for (const client::Dictionary& entry : entries) {
        const std::string area = entry.text("area");
        const std::string object = entry.text("object");
        if (area == name || (!object.empty() && name_within(area, object) == name))
            chosen.push_back(entry);
    }
    return chosen;
}

std::vector<std::pair<std::string, std::string>> list_choices(
    const std::vector<client::Dictionary>& entries) {
    std::vector<std::pair<std::string, std::string>> choices;
    for (const client::Dictionary& entry : entries) {
        const std::string object = entry.text("object");
        const std::string area = entry.text("area");
        const std::string name = object.empty() ? area : name_within(area, object);
        choices.emplace_back(name, entry.text("description"));
        for (const std::string& access : entry.texts("access"))
            choices.emplace_back(name_within(name, access), entry.text("description"));
    }
    return choices;
}

}  // namespace patd::cli
