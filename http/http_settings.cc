// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "http/http_settings.h"

#include "common/base/http_limits.h"
#include "common/token/target.h"

#include <pwd.h>

#include <array>

namespace patd::web {
namespace {

const ConfigForm kHttpForm{[](std::string_view name) { return name == "Http"; },
                           "an unknown section; the only one is [Http]",
                           "outside a section; write [Http] above it",
                           "not an assignment; write OPTION=VALUE"};

// nginx, Apache and Caddy.
constexpr std::array kServers = {"www-data", "caddy"};
constexpr char kGateway[] = "patd-gateway";

using Text = std::string_view;

bool take_accounts(Text value, std::vector<Uid>& uids) {
    uids.clear();
    std::size_t count = 0;
    while (!value.empty()) {
        const std::size_t end = std::min(value.find(' '), value.size());
        const std::string name(value.substr(0, end));
        value.remove_prefix(std::min(end + 1, value.size()));
        if (name.empty())
            continue;
        if (++count > limits::kHttpAccounts)
            return false;
        if (const passwd* account = getpwnam(name.c_str()); account != nullptr)
            uids.emplace_back(account->pw_uid);
    }
    return true;
}

std::string take_line(const ConfigLine& line, HttpSettings& settings) {
    constexpr char kTooMany[] = "more than 64 accounts; name fewer";
    if (!line.fault.empty() || line.begins_section)
        return std::string(line.fault);
    if (line.key == "IntrospectionAccounts")
        return take_accounts(line.value, settings.introspection_accounts) ? "" : kTooMany;
    if (line.key == "ServerAccounts")
        return take_accounts(line.value, settings.server_accounts) ? "" : kTooMany;
    if (line.key == "TlsInFront" && (line.value == "yes" || line.value == "no")) {
        settings.tls_in_front = line.value == "yes";
        return {};
    }
    if (line.key == "TlsInFront")
        return "TlsInFront= takes yes or no";
    if (line.key != "Issuer")
        return "an unknown option; patd-http(8) lists those that there are";
    if (!line.value.empty() && !Origin::parse(line.value))
        return "Issuer= takes an origin such as https://tokens.example";
    settings.issuer = line.value;
    return {};
}

}  // namespace

HttpSettings read_http_settings(const std::string& root, std::vector<ConfigFault>& faults) {
    HttpSettings settings;
    for (const char* name : kServers) {
        if (const passwd* account = getpwnam(name); account != nullptr)
            settings.server_accounts.emplace_back(account->pw_uid);
    }
    for (const ConfigFile& file : read_http_files(root, faults)) {
        for (const ConfigLine& line : parse_config_text(file.text, kHttpForm)) {
            std::string fault = take_line(line, settings);
            if (!fault.empty())
                faults.push_back({file.path, line.number, std::move(fault)});
        }
    }
    return settings;
}

HttpSettings gateway_settings() {
    HttpSettings settings;
    (void)take_accounts(kGateway, settings.gateway_accounts);
    return settings;
}

}  // namespace patd::web
