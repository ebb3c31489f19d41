// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "cli/doctor/dovecot.h"

#include "cli/doctor/service_files.h"
#include "cli/doctor/stack_rules.h"

#include <algorithm>
#include <optional>

namespace patd::cli::doctor {
namespace {

constexpr char kService[] = "dovecot";
constexpr char kCached[] = " caches PAM's answer, so dovecot accepts a token after it was deleted";
constexpr char kRestart[] = " && sudo systemctl restart dovecot";

std::vector<FileLine> read_configuration(const Machine& machine) {
    std::vector<FileLine> lines = read_lines(machine, "/etc/dovecot/dovecot.conf");
    for (const char* ending : {".conf", ".conf.ext"}) {
        for (FileLine& line : read_folder(machine, "/etc/dovecot/conf.d", ending))
            lines.push_back(std::move(line));
    }
    return lines;
}

// The value of `name = value`, where the line is one.
std::optional<std::string> value_of(const FileLine& line, std::string_view name) {
    std::string text;
    for (const std::string& word : line.words)
        text += word;
    if (!text.starts_with(name) || text.size() == name.size() || text[name.size()] != '=')
        return std::nullopt;
    return text.substr(name.size() + 1);
}

// `args = session=yes cache_key=%u dovecot`, as 2.3 has it.
void check_arguments(const Machine& machine, const FileLine& line, Findings& findings) {
    const bool keeps = std::any_of(
        line.words.begin(), line.words.end(),
        [](const std::string& word) { return word.find("cache_key=") != std::string::npos; });
    const bool named = line.words.back().find('=') == std::string::npos;
    if (line.words[0].starts_with("args") && keeps &&
        takes_tokens(machine, named ? line.words.back() : kService))
        findings.warn(line.path + ": cache_key" + kCached,
                      "sudo sed -i " + line.edit("s/cache_key=[^ ]*//") + kRestart);
}

// Whether a `passdb pam { ... }` of 2.4, which begins at `line`, lets a cache answer for patd.
bool uses_cache(const Machine& machine, std::vector<FileLine>::const_iterator line,
                std::vector<FileLine>::const_iterator end) {
    std::string service = kService;
    bool cached = true;
    for (; line != end && line->words[0] != "}"; ++line) {
        for (const char* name : {"service_name", "passdb_pam_service_name"})
            service = value_of(*line, name).value_or(service);
        for (const char* name : {"use_cache", "passdb_use_cache"})
            cached = value_of(*line, name).value_or(cached ? "yes" : "no") != "no";
    }
    return cached && takes_tokens(machine, service);
}

void check_cache_size(const Machine& machine, const std::vector<FileLine>& lines,
                      Findings& findings) {
    const FileLine* size = nullptr;
    bool used = false;
    for (auto line = lines.begin(); line != lines.end(); ++line) {
        if (value_of(*line, "auth_cache_size"))
            size = &*line;
        if (line->words[0] == "passdb" && line->words.size() > 1 && line->words[1] == "pam")
            used = used || uses_cache(machine, line, lines.end());
    }
    if (used && size != nullptr && value_of(*size, "auth_cache_size") != "0")
        findings.warn(size->path + ": auth_cache_size" + kCached,
                      "sudo sed -i " + size->edit("s/=.*/= 0/") + kRestart);
}

}  // namespace

void check_dovecot(const Machine& machine, Findings& findings) {
    const std::vector<FileLine> lines = read_configuration(machine);
    for (const FileLine& line : lines)
        check_arguments(machine, line, findings);
    check_cache_size(machine, lines, findings);
}

}  // namespace patd::cli::doctor
