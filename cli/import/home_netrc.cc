// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "cli/import/home_netrc.h"

#include "cli/git/git_config.h"
#include "cli/import/credential_file.h"
#include "cli/import/netrc.h"

#include <strings.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <vector>

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
    // To open a pipe waits for its other end.
    std::error_code failed;
    if (!std::filesystem::is_regular_file(home_netrc(), failed))
        return {};
    const Result<SecretBuffer> file = read_credential_file(home_netrc(), -1);
    if (!file)
        return {};
    const std::string host(origin.host());
    const std::vector<NetrcMachine> machines =
        list_netrc_machines({file->reveal().data(), file->size()});
    const auto found =
        std::find_if(machines.begin(), machines.end(), [&](const NetrcMachine& machine) {
            return machine.host.empty() || strcasecmp(machine.host.c_str(), host.c_str()) == 0;
        });
    if (found == machines.end())
        return {};
    return "git sends what line " + std::to_string(found->line) + " of ~/.netrc says to " +
           origin.text() + " before it asks any helper";
}

std::string fix_netrc() {
    return "${EDITOR:-vi} " + quote_for_shell(home_netrc());
}

}  // namespace patd::cli
