// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "cli/import/home_netrc.h"

#include "cli/git/git_config.h"
#include "cli/import/credential_file.h"

#include <algorithm>
#include <cstdlib>

namespace patd::cli {
namespace {

std::string home_netrc() {
    const char* home = secure_getenv("HOME");
    return home == nullptr ? "" : std::string(home) + "/.netrc";
}

}  // namespace

std::string tell_of_netrc(const Origin& origin) {
    if (!origin.protocol().starts_with("http"))
        return {};
    const Result<SecretBuffer> file = read_credential_file(home_netrc(), -1);
    if (!file)
        return {};
    const Result<Credentials> read =
        parse_credentials({file->expose().data(), file->size()}, FileFormat::Netrc);
    if (!read)
        return {};
    const auto found = std::find_if(
        read->entries().begin(), read->entries().end(),
        [&](const Credential& entry) { return entry.target.origin().host() == origin.host(); });
    if (found == read->entries().end())
        return {};
    return "git sends what line " + std::to_string(found->line) + " of ~/.netrc says to " +
           origin.text() + " before it asks anybody";
}

std::string mend_netrc() {
    return "${EDITOR:-vi} " + quote_for_shell(home_netrc());
}

}  // namespace patd::cli
