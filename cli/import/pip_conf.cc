// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "cli/git/git_config.h"
#include "cli/import/text_lines.h"
#include "cli/import/tool_files.h"

#include <algorithm>
#include <array>

namespace patd::cli {
namespace {

bool is_index(const IniEntry& entry) {
    constexpr std::array kIndexKeys = {"index-url", "extra-index-url", "index",
                                       "index_url", "extra_index_url", "find-links",
                                       "find_links"};
    return std::any_of(kIndexKeys.begin(), kIndexKeys.end(),
                       [&](const char* name) { return is_key(entry, name); });
}

// The command that leaves the user name, without which pip asks no program.
std::string removal_of(const IniEntry& entry, const UrlParts& url) {
    if (!is_key(entry, "index-url") || entry.continues ||
        entry.value.find_first_of(" \t") != std::string_view::npos)
        return {};
    std::string without(url.scheme);
    without.append("://").append(*url.username).append("@").append(url.host).append(url.path);
    return "pip config set " + quote_for_shell(std::string(entry.section) + ".index-url") + " " +
           quote_for_shell(without);
}

void add(const IniEntry& entry, std::string_view text, Credentials& credentials) {
    const Result<UrlParts> url = divide_url(text);
    if (!url || !url->username || !url->password || url->password->empty())
        return;
    if (url->host.find('@') != std::string_view::npos)
        return credentials.fault(entry.line, Errc::InvalidTarget,
                                 "an @ in the user name or the password must be written as %40");
    SecretBuffer secret(url->password->size());
    decode_url(*url->password,
               [&](char byte) { (void)secret.append(std::span<const char>(&byte, 1)); });
    SecretBuffer username(url->username->size());
    decode_url(*url->username,
               [&](char byte) { (void)username.append(std::span<const char>(&byte, 1)); });
    const std::string path = decode_url(url->path.substr(0, url->path.find_first_of("?#")));
    credentials.add(entry.line, {.protocol = url->scheme,
                                 .host = url->host,
                                 .path = path,
                                 .username = {username.reveal().data(), username.size()},
                                 .secret = secret.reveal(),
                                 .removal = removal_of(entry, *url)});
}

}  // namespace

Result<void> parse_pip_conf(std::span<char> text, Credentials& credentials) {
    for (const IniEntry& entry : TRY(read_ini({text.data(), text.size()}))) {
        std::string_view rest = entry.value;
        while (is_index(entry) && !rest.empty()) {
            const std::size_t end = rest.find_first_of(" \t");
            add(entry, rest.substr(0, end), credentials);
            rest = end == std::string_view::npos ? "" : without_blanks(rest.substr(end));
        }
    }
    return {};
}

}  // namespace patd::cli
