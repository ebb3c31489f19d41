// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "cli/git/git_fix.h"

#include "cli/git/git_chain.h"
#include "cli/text/table.h"
#include "cli/text/wrap.h"
#include "common/token/place.h"

#include <algorithm>
#include <filesystem>

namespace patd::cli {
namespace {

constexpr char kToChange[] = "; to change that:";
constexpr std::size_t kMostRepeats = 255;  // RE_DUP_MAX of a regular expression

// git names a repository's file from its top, and cannot be asked for that now.
std::string find_above(const std::string& file) {
    std::error_code failed;
    for (std::filesystem::path folder = std::filesystem::current_path(failed); !folder.empty();
         folder = folder.parent_path()) {
        if (std::filesystem::exists(folder / file, failed))
            return folder / file;
        if (folder == folder.root_path())
            break;
    }
    return file;
}

}  // namespace

// git names the file: "bad config line 3 in file FILE".
std::string fix_unreadable(const std::string& reason) {
    constexpr std::string_view kFile = " in file ";
    const std::size_t at = reason.find(kFile);
    if (at == std::string::npos)
        return "git config --list --show-origin";
    return "${EDITOR:-vi} " + quote_for_shell(find_above(reason.substr(at + kFile.size())));
}

std::string fix_line(const ConfigLine& line) {
    if (line.scope == "command")
        return "unset GIT_CONFIG_COUNT GIT_CONFIG_PARAMETERS";
    std::string text = line.scope == "system" ? "sudo " : "";
    text += "git config --file " + quote_for_shell(config_file_of(line));
    if (!line.value.starts_with('!') || is_ours(line))
        return text + " --fixed-value --unset-all " + quote_for_shell(line.key) + " " +
               quote_for_shell(line.value);
    const std::size_t size = line.value.size() - 1;
    return text + " --unset-all " + quote_for_shell(line.key) + " '^!.{" +
           std::to_string(std::min(size, kMostRepeats)) + (size > kMostRepeats ? "}'" : "}$'");
}

const ConfigLine* find_forgetting(const std::vector<ConfigLine>& lines, const std::string& url) {
    if (std::none_of(lines.begin(), lines.end(), is_ours))
        return nullptr;
    const auto forgets = [&](const ConfigLine& line) {
        return line.scope != "system" && line.scope != "global" && line.is_helper() &&
               line.value.empty() && (line.is_general() || url.starts_with(url_of_key(line.key)));
    };
    const auto last = std::find_if(lines.rbegin(), lines.rend(), forgets);
    return last == lines.rend() ? nullptr : &*last;
}

std::string fix_not_asked(const std::vector<ConfigLine>& lines,
                          const std::vector<ConfigLine>& helpers, const std::string& url) {
    if (const ConfigLine* forgetting = find_forgetting(lines, url))
        return fix_line(*forgetting);
    const auto own = std::find_if(helpers.begin(), helpers.end(),
                                  [](const ConfigLine& line) { return !line.is_general(); });
    const Result<Remote> remote = parse_remote(url);
    if (own == helpers.end() || !remote)
        return kSetup;
    // A pattern is left to whatever else it is for.
    const bool names_one =
        own->key.find('*') == std::string::npos && parse_place(url_of_key(own->key));
    return std::string(kSetup) + " " +
           quote_for_shell(names_one ? url_of_key(own->key) : remote->origin.text());
}

std::vector<std::string> fixes_not_asked(const std::vector<std::string>& urls) {
    const Result<std::vector<ConfigLine>> lines = read_credential_lines();
    std::vector<std::string> fixes;
    for (const std::string& url : urls) {
        const Result<Asked> asked = lines ? ask_git(*lines, url) : lines.error();
        if (asked && std::any_of(asked->helpers.begin(), asked->helpers.end(), is_ours))
            continue;
        const std::string fix = asked ? fix_not_asked(*lines, asked->helpers, url) : kSetup;
        if (std::find(fixes.begin(), fixes.end(), fix) == fixes.end())
            fixes.push_back(fix);
    }
    return fixes;
}

std::string tell_whom_git_asks(const std::string& url, bool by_path) {
    const Result<std::vector<ConfigLine>> lines = read_credential_lines();
    if (!lines)
        return {};
    const Result<Asked> asked = ask_git(*lines, url);
    if (!asked)
        return {};
    const std::string text = "git, run here, asks " + name_chain(asked->helpers) + " for it";
    if (std::none_of(asked->helpers.begin(), asked->helpers.end(), is_ours))
        return text + (asked->helpers.empty() ? "" : " instead of patd") + kToChange +
               own_line(printable(fix_not_asked(*lines, asked->helpers, url)));
    if (by_path && !asked->tells_path)
        return text + " without its path, so tokens bound to a path do not match" + kToChange +
               own_line(kSetup);
    return asked->helpers.size() == 1 ? "" : text;
}

std::string commands_as(const std::string& name, std::string text) {
    constexpr std::string_view kSudo = "sudo ";
    const std::string before = own_line("");
    const std::string become = "sudo -Hu " + printable(quote_for_shell(name)) + " ";
    for (std::size_t at = 0; (at = text.find(before, at)) != std::string::npos;) {
        at += before.size();
        if (text.compare(at, kSudo.size(), kSudo) != 0)
            text.insert(at, become);
    }
    return text;
}

}  // namespace patd::cli
