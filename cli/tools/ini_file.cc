// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "cli/tools/ini_file.h"

#include <algorithm>
#include <cctype>
#include <set>

namespace patd::cli::tools {
namespace {

constexpr std::string_view kIniBlank = " \t\r\n\f\v";

struct IniLine {
    enum class Kind { Empty, Section, Key, Other };

    std::size_t begin = 0;
    std::size_t end = 0;  // with its line end, and with the lines in which its value goes on
    Kind kind = Kind::Empty;
    std::size_t indent = 0;
    std::string section{};
    std::string key{};
    std::string value{};
};
using IniLines = std::vector<IniLine>;

std::string trim(std::string_view text) {
    const std::size_t begin = text.find_first_not_of(kIniBlank);
    if (begin == std::string_view::npos)
        return {};
    return std::string(text.substr(begin, text.find_last_not_of(kIniBlank) + 1 - begin));
}

bool is_of_python(const Format& format) {
    return &format == &kIni;
}

// Python takes a key for the same in any case.
std::string fold_key(std::string_view key, bool of_python) {
    std::string folded = trim(key);
    if (of_python)
        std::transform(folded.begin(), folded.end(), folded.begin(),
                       [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    return folded;
}

IniLine read_line(std::string_view line, bool of_python) {
    IniLine read;
    read.indent = std::min(line.find_first_not_of(kIniBlank), line.size());
    const std::string content = trim(line);
    if (content.empty() || content.front() == '#' || content.front() == ';')
        return read;
    const std::size_t close = content.find(']');
    if (content.front() == '[' && close != std::string::npos) {
        read.kind = IniLine::Kind::Section;
        read.section = trim(std::string_view(content).substr(1, close - 1));
        return read;
    }
    const std::size_t mark = content.find_first_of(of_python ? "=:" : "=");
    read.kind = mark == std::string::npos ? IniLine::Kind::Other : IniLine::Kind::Key;
    read.key = fold_key(std::string_view(content).substr(0, mark), of_python);
    if (mark != std::string::npos)
        read.value = trim(std::string_view(content).substr(mark + 1));
    return read;
}

// The key whose value a line goes on: the last one, if the line is indented deeper than that. Blank
// lines and comments may stand between them.
IniLine* find_continued(IniLines& lines, const IniLine& line) {
    if (line.kind == IniLine::Kind::Empty)
        return nullptr;
    const auto last = std::find_if(lines.rbegin(), lines.rend(), [](const IniLine& before) {
        return before.kind != IniLine::Kind::Empty;
    });
    const bool goes_on =
        last != lines.rend() && last->kind == IniLine::Kind::Key && line.indent > last->indent;
    return goes_on ? &*last : nullptr;
}

IniLines read_lines(std::string_view text, bool of_python) {
    IniLines lines;
    std::string section;
    for (std::size_t begin = 0; begin < text.size();) {
        const std::size_t end = std::min(text.find('\n', begin), text.size() - 1) + 1;
        const std::string_view line = text.substr(begin, end - begin);
        IniLine read = read_line(line, of_python);
        IniLine* key = of_python ? find_continued(lines, read) : nullptr;
        if (key != nullptr) {
            key->value += "\n" + trim(line);
            key->end = end;
            lines.erase(lines.begin() + (key - lines.data()) + 1, lines.end());
        } else {
            read.begin = begin;
            read.end = end;
            if (read.kind == IniLine::Kind::Section)
                section = read.section;
            read.section = section;
            lines.push_back(std::move(read));
        }
        begin = end;
    }
    return lines;
}

std::string section_name(std::string_view section) {
    return section.empty() ? "" : join_name("", section);
}

Result<FlatText> flatten_ini(std::string_view text, bool of_python) {
    FlatText flat;
    std::set<std::string> sections;
    if (text.find('\0') != std::string_view::npos)
        return Error{Errc::BadFile, "it is no text"};
    for (const IniLine& line : read_lines(text, of_python)) {
        if (flat.size() >= kToolFileValues)
            return fault_at(text, line.begin, "there are too many values");
        if (line.kind == IniLine::Kind::Section) {
            if (!sections.insert(line.section).second && of_python)
                return fault_at(text, line.begin, "a section comes twice");
            flat.emplace("[" + line.section + "]", "");
        } else if (line.kind == IniLine::Kind::Other && of_python) {
            return fault_at(text, line.begin, "the line is no section, key or comment");
        } else if (line.kind == IniLine::Kind::Key) {
            if (of_python && line.section.empty())
                return fault_at(text, line.begin, "a key stands before the first section");
            const std::string name = join_name(section_name(line.section), line.key);
            if (!flat.insert_or_assign(name, line.value).second && of_python)
                return fault_at(text, line.begin, "a key comes twice");
        }
    }
    return flat;
}

// The last line of the section that is more than a blank or a comment, or its head.
const IniLine* find_end(const IniLines& lines, std::string_view section) {
    const IniLine* last = nullptr;
    for (const IniLine& line : lines) {
        if (line.kind != IniLine::Kind::Empty && line.section == section)
            last = &line;
    }
    return last;
}

const IniLine* find_key(const IniLines& lines, const IniKey& key, bool of_python) {
    const auto found = std::find_if(lines.rbegin(), lines.rend(), [&](const IniLine& line) {
        return line.kind == IniLine::Kind::Key && line.section == key.section &&
               line.key == fold_key(key.key, of_python);
    });
    return found == lines.rend() ? nullptr : &*found;
}

// The blanks in front of a line after `last`, so that it is no part of the value before it, nor the
// line behind it a part of its own.
std::string_view indent_after(std::string_view text, const IniLines& lines, const IniLine& last) {
    const IniLine* deepest = &last;
    const auto after = lines.begin() + (&last - lines.data()) + 1;
    const auto next = std::find_if(
        after, lines.end(), [](const IniLine& line) { return line.kind != IniLine::Kind::Empty; });
    if (next != lines.end() && next->indent > last.indent)
        deepest = &*next;
    return text.substr(deepest->begin, deepest->indent);
}

// Where a section begins that `mark` stands above, with the blank line before that.
std::size_t begin_of_made(const std::string& text, std::size_t head, std::string_view mark) {
    const std::string eol(line_end_of(text));
    const std::string above = std::string(mark) + eol;
    if (head < above.size() || text.compare(head - above.size(), above.size(), above) != 0)
        return std::string::npos;
    return with_blank_line(text, head - above.size());
}

}  // namespace

const Format kIni = {
    "INI", [](std::string_view text) -> Result<FlatText> { return flatten_ini(text, true); }, ""};
const Format kLines = {
    "lines", [](std::string_view text) -> Result<FlatText> { return flatten_ini(text, false); },
    ""};

std::string name_of(const IniKey& key) {
    return join_name(section_name(key.section), key.key);
}

std::string value_of(const FlatText& flat, const IniKey& key) {
    const auto found = flat.find(name_of(key));
    return found == flat.end() ? "" : found->second;
}

bool has_section(const FlatText& flat, std::string_view section) {
    return flat.count("[" + std::string(section) + "]") != 0;
}

std::string with_line(const Format& format, const std::string& text, const IniKey& key,
                      std::string_view value, std::string_view mark) {
    const std::string eol(line_end_of(text));
    const std::string line =
        std::string(key.key) + (is_of_python(format) ? " = " : "=") + std::string(value);
    const IniLines lines = read_lines(text, is_of_python(format));
    const IniLine* last = find_end(lines, key.section);
    std::string changed = text;
    if (last == nullptr && !key.section.empty()) {
        // The last line has an end after this if it had one before.
        changed += ends_open(text) ? eol + eol : text.empty() ? "" : eol;
        changed += std::string(mark) + eol + "[" + std::string(key.section) + "]" + eol + line;
        return ends_open(text) ? changed : changed + eol;
    }
    const std::size_t at =
        last == nullptr ? (lines.empty() || key.section.empty() ? 0 : text.size()) : last->end;
    const std::string indent(last == nullptr || !is_of_python(format)
                                 ? std::string_view()
                                 : indent_after(text, lines, *last));
    if (at == text.size() && ends_open(text))
        return changed + eol + indent + line;
    return changed.insert(at, indent + line + eol);
}

std::string with_value(const Format& format, const std::string& text, const IniKey& key,
                       std::string_view value) {
    const IniLines lines = read_lines(text, is_of_python(format));
    const IniLine* found = find_key(lines, key, is_of_python(format));
    if (found == nullptr)
        return text;
    std::string changed = text;
    const std::size_t mark =
        text.find_first_of(is_of_python(format) ? "=:" : "=", found->begin) + 1;
    const std::size_t begin = text.find_first_not_of(" \t", mark);
    const std::size_t end = text.find_last_not_of(kIniBlank, found->end - 1) + 1;
    if (begin == std::string::npos || begin >= end)
        return changed.insert(mark, value);
    return changed.replace(begin, end - begin, value);
}

std::string without_line(const Format& format, const std::string& text, const IniKey& key,
                         std::string_view mark) {
    const IniLines lines = read_lines(text, is_of_python(format));
    const IniLine* found = find_key(lines, key, is_of_python(format));
    if (found == nullptr)
        return text;
    const auto of_section = std::count_if(lines.begin(), lines.end(), [&](const IniLine& line) {
        return line.section == key.section && line.kind != IniLine::Kind::Empty;
    });
    const std::size_t at = static_cast<std::size_t>(found - lines.data());
    if (of_section == 2 && at > 0 && lines[at - 1].kind == IniLine::Kind::Section) {
        const std::size_t made = begin_of_made(text, lines[at - 1].begin, mark);
        if (made != std::string::npos)
            return cut_lines(text, made, found->end);
    }
    return cut_lines(text, found->begin, found->end);
}

}  // namespace patd::cli::tools
