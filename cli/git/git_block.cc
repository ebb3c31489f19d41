// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "cli/git/git_block.h"

#include "cli/io/process.h"
#include "common/base/parse_number.h"

#include <algorithm>

namespace patd::cli {
namespace {

struct Marks {
    std::string_view begin;
    std::string_view undo;
    std::string_view end;
};
constexpr Marks kGitMarks{"# >>> patctl setup git",
                          "; 'patctl setup git --undo' removes these lines\n",
                          "# <<< patctl setup git\n"};
constexpr Marks kGatewayMarks{"# >>> patctl setup gateway",
                              "; 'patctl setup gateway --undo' removes these lines\n",
                              "# <<< patctl setup gateway\n"};
constexpr std::string_view kMadeFile = ", which made this file";
constexpr std::string_view kAdded = ", line ends added before this: ";
constexpr std::size_t kMostAdded = 2;

const Marks& marks_of(BlockOf whose) {
    return whose == BlockOf::Git ? kGitMarks : kGatewayMarks;
}

// Where a line that begins with `words` begins.
std::size_t find_line(std::string_view text, std::string_view words, std::size_t from = 0) {
    while (from < text.size()) {
        const std::size_t at = text.find(words, from);
        if (at == std::string_view::npos || at == 0 || text[at - 1] == '\n')
            return at;
        from = at + 1;
    }
    return std::string_view::npos;
}

// A value as git's files have it.
std::string quote_value(const std::string& value) {
    std::string text;
    for (const char byte : value) {
        if (byte == '"' || byte == '\\')
            text += '\\';
        text += byte == '\n' ? "\\n" : byte == '\t' ? "\\t" : std::string(1, byte);
    }
    const bool plain = value.find_first_of(";#\r") == std::string::npos &&
                       !value.starts_with(' ') && !value.ends_with(' ');
    return plain ? text : '"' + text + '"';
}

// `credential.https://host` as the head of a section.
std::string format_head(const std::string& section) {
    const std::size_t dot = section.find('.');
    if (dot == std::string::npos)
        return "[" + section + "]\n";
    std::string name;
    for (const char byte : section.substr(dot + 1))
        name += byte == '"' || byte == '\\' ? std::string("\\") + byte : std::string(1, byte);
    return "[" + section.substr(0, dot) + " \"" + name + "\"]\n";
}

std::string section_of(const std::string& key) {
    return key.substr(0, key.rfind('.'));
}

// The head of the section that is open at the end of `text`.
std::string last_head(std::string_view text) {
    std::string head;
    for (std::size_t at = find_line(text, "["); at != std::string_view::npos;
         at = find_line(text, "[", at + 1))
        head = text.substr(at, text.find('\n', at) - at + 1);
    return head;
}

// Whether the first of its lines that says something says it in the section above.
bool goes_on(std::string_view text) {
    const std::size_t first = text.find_first_not_of(" \t\r\n");
    if (first == std::string_view::npos || text[first] == '[')
        return false;
    if (text[first] != '#' && text[first] != ';')
        return true;
    const std::size_t end = text.find('\n', first);
    return end != std::string_view::npos && goes_on(text.substr(end));
}

// How many line ends have to come before a block, so that it begins a line: after a backslash one
// more, which would join the two.
std::size_t count_missing_ends(std::string_view text) {
    if (text.empty())
        return 0;
    const bool is_ended = text.ends_with('\n');
    const std::string_view last = is_ended ? text.substr(0, text.size() - 1) : text;
    return (is_ended ? 0U : 1U) + (last.ends_with('\\') || last.ends_with("\\\r") ? 1U : 0U);
}

std::size_t count_added(std::string_view head) {
    const std::size_t at = head.find(kAdded);
    if (at == std::string_view::npos)
        return 0;
    const std::string_view number = head.substr(at + kAdded.size(), 1);
    return std::min(parse_number<std::size_t>(number).value_or(0), kMostAdded);
}

// What the first of two blocks says of the file before both, the second says once the first is
// gone: `head` is the first line of the one that is taken out, `after` what follows it.
void hand_over(std::string_view head, BlockOf whose, std::string& after) {
    const Marks& gone = marks_of(whose);
    const Marks& left = marks_of(whose == BlockOf::Git ? BlockOf::Gateway : BlockOf::Git);
    const std::size_t end = find_line(after, left.end);
    const std::size_t undo = head.find(gone.undo);
    if (!after.starts_with(left.begin) || end == std::string::npos ||
        end + left.end.size() != after.size() || undo == std::string_view::npos)
        return;
    after.insert(left.begin.size(), head.substr(gone.begin.size(), undo - gone.begin.size()));
}

}  // namespace

PartedFile part_file(std::string_view text, BlockOf whose) {
    const Marks& marks = marks_of(whose);
    PartedFile parts;
    std::size_t begin = std::string_view::npos;
    std::size_t end = std::string_view::npos;
    for (std::size_t at = find_line(text, marks.begin); at != std::string_view::npos;
         at = find_line(text, marks.begin, at + 1)) {
        const std::size_t its_end = find_line(text, marks.end, at);
        begin = its_end == std::string_view::npos ? begin : at;
        end = its_end == std::string_view::npos ? end : its_end;
    }
    if (end == std::string_view::npos) {
        parts.before = text;
        return parts;
    }
    const std::size_t first = text.find('\n', begin) + 1;
    const std::string_view head = text.substr(begin, first - begin);
    parts.has_block = true;
    parts.made_file = head.find(kMadeFile) != std::string_view::npos;
    parts.block = text.substr(first, end - first);
    parts.after = text.substr(end + marks.end.size());
    parts.before = text.substr(0, begin);
    if (goes_on(parts.after))
        parts.after.insert(0, last_head(parts.block));
    hand_over(head, whose, parts.after);
    // What came after it stands on the line that was ended then.
    for (std::size_t n = parts.after.empty() ? count_added(head) : 0; n > 0; --n) {
        if (parts.before.ends_with('\n'))
            parts.before.pop_back();
    }
    return parts;
}

std::string append_block(const std::optional<std::string>& text, std::string_view lines,
                         BlockOf whose) {
    const Marks& marks = marks_of(whose);
    std::string file = text.value_or("");
    const std::size_t missing = count_missing_ends(file);
    file.append(missing, '\n').append(marks.begin);
    if (!text)
        file.append(kMadeFile);
    if (missing != 0)
        file.append(kAdded).append(std::to_string(missing));
    return file.append(marks.undo).append(lines).append(marks.end);
}

std::string append_block(const std::optional<std::string>& text, const BlockSections& sections) {
    std::string lines;
    for (const BlockSection& section : sections) {
        lines += format_head(section.name);
        for (const std::string& helper : section.helpers)
            lines += "\thelper = " + quote_value(helper) + "\n";
        if (section.tells_path)
            lines += "\tuseHttpPath = true\n";
    }
    return append_block(text, lines, BlockOf::Git);
}

Result<std::vector<ConfigLine>> read_text(const std::string& text) {
    const ProcessResult result = TRY(run_process(
        {"git", "config", "--file", "-", "--no-includes", "-z", "--list"}, {.input = text}));
    if (result.status != 0)
        return Error{Errc::Unavailable, "git cannot read its configuration"};
    std::vector<ConfigLine> lines;
    std::string_view rest = result.output;
    while (!rest.empty()) {
        const std::string_view field = rest.substr(0, rest.find('\0'));
        rest.remove_prefix(std::min(field.size() + 1, rest.size()));
        const std::size_t end = field.find('\n');
        // A key alone stands for true.
        lines.push_back(
            {"", "", std::string(field.substr(0, end)),
             end == std::string_view::npos ? "true" : std::string(field.substr(end + 1))});
    }
    return lines;
}

BlockSections to_sections(const std::vector<ConfigLine>& lines) {
    BlockSections sections;
    for (const ConfigLine& line : lines) {
        const std::string name = section_of(line.key);
        if (sections.empty() || sections.back().name != name)
            sections.push_back({name, {}});
        if (line.is_helper())
            sections.back().helpers.push_back(line.value);
        else if (line.key.ends_with(".usehttppath"))
            sections.back().tells_path = true;
    }
    return sections;
}

std::string format_line(const ConfigLine& line) {
    return format_head(section_of(line.key)) + "\t" + line.key.substr(line.key.rfind('.') + 1) +
           " = " + quote_value(line.value) + "\n";
}

}  // namespace patd::cli
