// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "cli/doctor/service_files.h"

#include "cli/git/git_config.h"

#include <algorithm>

namespace patd::cli::doctor {
namespace {

constexpr std::string_view kBlanks = " \t\r";
constexpr int kIncludesMax = 8;  // one in another

std::vector<std::string> words_of(std::string_view line) {
    std::vector<std::string> words;
    line = line.substr(0, line.find('#'));
    while (true) {
        const std::size_t start = line.find_first_not_of(kBlanks);
        if (start == std::string_view::npos)
            return words;
        line.remove_prefix(start);
        const std::size_t end = std::min(line.find_first_of(kBlanks), line.size());
        words.emplace_back(line.substr(0, end));
        line.remove_prefix(end);
    }
}

bool is_name(const std::string& service) {
    // A slash would lead out of the directory.
    return !service.empty() && service.find('/') == std::string::npos;
}

void collect_rules(const Machine& machine, const std::string& service, const std::string& type,
                   int depth, std::vector<PamLine>& rules) {
    if (depth == kIncludesMax || !is_name(service))
        return;
    const std::optional<std::string> text = read_text(machine, "/etc/pam.d/" + service);
    for (PamLine& line : parse_pam_lines(text.value_or(""))) {
        line.service = service;
        if (line.is_include() || (line.type == type && line.includes_type()))
            collect_rules(machine, line.module, type, depth + 1, rules);
        else if (line.type == type)
            rules.push_back(std::move(line));
    }
}

}  // namespace

std::string FileLine::edit(const std::string& command) const {
    return "'" + std::to_string(number) + command + "' " + quote_for_shell(path);
}

std::vector<FileLine> split_lines(const std::string& path, std::string_view text) {
    std::vector<FileLine> lines;
    for (std::size_t number = 1; !text.empty(); ++number) {
        const std::size_t end = std::min(text.find('\n'), text.size());
        std::vector<std::string> words = words_of(text.substr(0, end));
        const bool indented = kBlanks.find(text.front()) != std::string_view::npos;
        if (!words.empty())
            lines.push_back({path, number, std::move(words), indented});
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return lines;
}

std::vector<FileLine> read_lines(const Machine& machine, const std::string& path) {
    return split_lines(path, read_text(machine, path).value_or(""));
}

std::vector<FileLine> read_folder(const Machine& machine, const std::string& folder,
                                  std::string_view ending) {
    std::vector<FileLine> lines;
    for (const std::string& name :
         list_names(machine, folder).value_or(std::vector<std::string>())) {
        if (!name.ends_with(ending))
            continue;
        for (FileLine& line : read_lines(machine, folder + "/" + name))
            lines.push_back(std::move(line));
    }
    return lines;
}

std::vector<PamLine> find_rules(const Machine& machine, const std::string& service,
                                const std::string& type) {
    std::vector<PamLine> rules;
    collect_rules(machine, service, type, 0, rules);
    return rules;
}

bool takes_tokens(const Machine& machine, const std::string& service) {
    const std::vector<PamLine> rules = find_rules(machine, service, "auth");
    return std::any_of(rules.begin(), rules.end(), [](const PamLine& rule) {
        return rule.is_for_pam_pat() && std::find(rule.arguments.begin(), rule.arguments.end(),
                                                  "token") != rule.arguments.end();
    });
}

}  // namespace patd::cli::doctor
