// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "cli/tools/toml_file.h"

// Its library is not linked: what it has is compiled here, and says no without throwing.
#define TOML_EXCEPTIONS 0
#define TOML_HEADER_ONLY 1
#include <toml++/toml.h>

#include <algorithm>
#include <sstream>
#include <utility>

namespace patd::cli::tools {
namespace {

// Where a value stands, or the head of a table.
struct TomlSpot {
    std::size_t begin = 0;
    std::size_t end = 0;
    bool is_table = false;
    bool is_array = false;
    std::string text{};  // of a text
};

struct TomlText {
    FlatText flat{};
    std::map<std::string, TomlSpot> spots{};
};

// toml++ counts lines and, in them, characters, from 1.
class Offsets {
  public:
    explicit Offsets(std::string_view text) : end_(text.size()) {
        for (std::size_t at = 0; at < text.size(); ++at) {
            if (at == 0 || text[at - 1] == '\n')
                lines_.push_back(characters_.size());
            if ((static_cast<unsigned char>(text[at]) & 0xc0U) != 0x80U)
                characters_.push_back(at);
        }
    }

    std::size_t of(const toml::source_position& place) const {
        if (place.line == 0 || place.line > lines_.size())
            return end_;
        const std::size_t at = lines_[place.line - 1] + std::max(place.column, 1U) - 1;
        return at < characters_.size() ? characters_[at] : end_;
    }

  private:
    std::size_t end_;
    std::vector<std::size_t> characters_{};
    std::vector<std::size_t> lines_{};  // where each begins in characters_
};

std::string raw_of(const toml::node& node) {
    std::ostringstream shown;
    shown << toml::toml_formatter(node);
    return shown.str();
}

bool add_node(const toml::node& node, const std::string& name, const Offsets& offsets,
              TomlText& read) {
    if (read.flat.size() >= kToolFileValues)
        return false;
    TomlSpot spot{offsets.of(node.source().begin), offsets.of(node.source().end), node.is_table(),
                  node.is_array()};
    if (const auto* text = node.as_string(); text != nullptr)
        spot.text = text->get();
    if (!name.empty())
        read.spots.emplace(name, std::move(spot));
    if (const auto* table = node.as_table(); table != nullptr) {
        if (table->empty() && !name.empty())
            read.flat.emplace(name, "{}");
        return std::all_of(table->begin(), table->end(), [&](const auto& member) {
            return add_node(member.second, join_name(name, member.first.str()), offsets, read);
        });
    }
    if (const auto* array = node.as_array(); array != nullptr) {
        if (array->empty())
            read.flat.emplace(name, "[]");
        std::size_t index = 0;
        return std::all_of(array->begin(), array->end(), [&](const toml::node& element) {
            return add_node(element, join_index(name, index++), offsets, read);
        });
    }
    read.flat.emplace(name, raw_of(node));
    return true;
}

Result<TomlText> read_toml(std::string_view text) {
    const toml::parse_result parsed = toml::parse(text);
    if (!parsed)
        return Error{Errc::BadFile, "line " + std::to_string(parsed.error().source().begin.line) +
                                        ": it is not TOML, or a key comes twice"};
    TomlText read;
    if (!add_node(parsed.table(), "", Offsets(text), read))
        return Error{Errc::BadFile, "there are too many values"};
    return read;
}

const TomlSpot* find_spot(const TomlText& read, const std::string& name) {
    const auto found = read.spots.find(name);
    return found == read.spots.end() ? nullptr : &found->second;
}

// A table that is only named by its members, or between braces, has none.
bool is_head(const std::string& text, const TomlSpot& spot, const std::string& table) {
    std::string head = text.substr(spot.begin, spot.end - spot.begin);
    std::erase_if(head, [](char c) { return c == ' ' || c == '\t' || c == '\'' || c == '"'; });
    std::string name = table;
    std::erase(name, '"');
    return spot.is_table && head == "[" + name + "]";
}

bool ends_with_mark(const std::string& text, std::size_t begin, std::size_t end,
                    const std::string& mark) {
    std::string_view line = std::string_view(text).substr(begin, end - begin);
    while (!line.empty() && (line.back() == '\n' || line.back() == '\r'))
        line.remove_suffix(1);
    return line.ends_with(mark);
}

}  // namespace

const Format kToml = {
    "TOML",
    [](std::string_view text) -> Result<FlatText> { return std::move(TRY(read_toml(text)).flat); },
    ""};

std::vector<std::string> tables_below(const std::string& text, const std::string& prefix) {
    std::vector<std::string> names;
    const Result<TomlText> read = read_toml(text);
    if (!read)
        return names;
    const std::string start = prefix + ".";
    for (const auto& [name, spot] : read->spots) {
        if (spot.is_table && name.starts_with(start) &&
            name.find('.', start.size()) == std::string::npos)
            names.push_back(name.substr(start.size()));
    }
    return names;
}

Result<bool> has_table(const std::string& text, const std::string& table) {
    return find_spot(TRY(read_toml(text)), table) != nullptr;
}

Result<std::string> with_toml_line(const std::string& text, const std::string& table,
                                   const std::string& line, const std::string& mark) {
    const TomlText read = TRY(read_toml(text));
    const std::string eol(line_end_of(text));
    const std::string marked = line + "  " + mark;
    const TomlSpot* spot = find_spot(read, table);
    std::string changed = text;
    if (spot == nullptr || !is_head(text, *spot, table)) {
        changed += ends_open(text) ? eol + eol : text.empty() ? "" : eol;
        changed += "[" + table + "]  " + mark + eol + marked;
        return ends_open(text) ? changed : changed + eol;
    }
    const std::size_t at = end_of_line(text, spot->end);
    if (at == text.size() && ends_open(text))
        return changed + eol + marked;
    return changed.insert(at, marked + eol);
}

Result<std::string> without_toml_line(const std::string& text, const std::string& table,
                                      const std::string& name, const std::string& mark) {
    const TomlText read = TRY(read_toml(text));
    const TomlSpot* spot = find_spot(read, join_name(table, name));
    const TomlSpot* head = find_spot(read, table);
    if (spot == nullptr || head == nullptr)
        return text;
    std::size_t begin = begin_of_line(text, spot->begin);
    const std::size_t end = end_of_line(text, spot->end);
    if (!ends_with_mark(text, begin, end, mark))
        return text;
    const auto members = std::count_if(read.flat.begin(), read.flat.end(), [&](const auto& value) {
        return value.first.starts_with(table + ".") &&
               !value.first.starts_with(join_name(table, name));
    });
    if (members == 0 && is_head(text, *head, table) && end_of_line(text, head->end) == begin &&
        ends_with_mark(text, head->begin, begin, mark))
        begin = with_blank_line(text, head->begin);
    return cut_lines(text, begin, end);
}

Result<std::vector<std::string>> elements_of(const std::string& text, const std::string& array) {
    const TomlText read = TRY(read_toml(text));
    std::vector<std::string> elements;
    while (const TomlSpot* spot = find_spot(read, join_index(array, elements.size())))
        elements.push_back(spot->text);
    return elements;
}

Result<std::string> with_element(const std::string& text, const std::string& array,
                                 const std::string& value) {
    const TomlText read = TRY(read_toml(text));
    const TomlSpot* spot = find_spot(read, array);
    if (spot == nullptr || !spot->is_array)
        return Error{Errc::BadFile, array + " is no array"};
    const std::size_t count = TRY(elements_of(text, array)).size();
    std::string changed = text;
    if (count == 0)
        return changed.insert(spot->begin + 1, "\"" + value + "\"");
    return changed.insert(find_spot(read, join_index(array, count - 1))->end,
                          ", \"" + value + "\"");
}

Result<std::string> without_element(const std::string& text, const std::string& array,
                                    const std::string& value) {
    const TomlText read = TRY(read_toml(text));
    const std::vector<std::string> elements = TRY(elements_of(text, array));
    const auto found = std::find(elements.rbegin(), elements.rend(), value);
    std::string changed = text;
    if (found == elements.rend())
        return changed;
    const auto at = static_cast<std::size_t>(elements.rend() - found) - 1;
    const TomlSpot& spot = *find_spot(read, join_index(array, at));
    if (at > 0) {
        const std::size_t begin = find_spot(read, join_index(array, at - 1))->end;
        // Not what else stands between them, such as a comment.
        const std::size_t own = std::min(text.rfind(',', spot.begin), spot.begin);
        const std::size_t from = own < begin ? begin : own;
        return changed.erase(from, spot.end - from);
    }
    const std::size_t end =
        elements.size() > 1 ? find_spot(read, join_index(array, 1))->begin : spot.end;
    return changed.erase(spot.begin, end - spot.begin);
}

Result<std::string> toml_text(const std::string& text, const std::string& name) {
    const TomlText read = TRY(read_toml(text));
    const TomlSpot* spot = find_spot(read, name);
    return spot == nullptr ? std::string() : spot->text;
}

}  // namespace patd::cli::tools
