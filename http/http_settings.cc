// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "http/http_settings.h"

#include "common/base/http_limits.h"
#include "common/token/target.h"

#include <pwd.h>

#include <algorithm>
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

// As useradd(8) lets one be called; what does not look so may have got there by mistake, and is not
// repeated.
bool looks_like_account(Text name) {
    constexpr std::size_t kMost = 32;
    return name.size() <= kMost && std::all_of(name.begin(), name.end(), [](char c) {
               return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
           });
}

struct Accounts {
    std::vector<Uid> uids = {};
    std::vector<std::string> unknown = {};  // what is wrong, for each
};

// False: too many.
bool take_accounts(const ConfigLine& line, Accounts& accounts) {
    Text value = line.value;
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
            accounts.uids.emplace_back(account->pw_uid);
        else
            accounts.unknown.push_back(std::string(line.key) + "= names " +
                                       (looks_like_account(name) ? name + ", an" : "an") +
                                       " account that this machine does not have");
    }
    return true;
}

std::string take_line(const ConfigLine& line, Accounts& accounts, HttpSettings& settings) {
    constexpr char kTooMany[] = "more than 64 accounts; name fewer";
    if (!line.fault.empty() || line.begins_section)
        return std::string(line.fault);
    if (line.key == "IntrospectionAccounts" || line.key == "ServerAccounts") {
        if (!take_accounts(line, accounts))
            return kTooMany;
        (line.key == "ServerAccounts" ? settings.server_accounts
                                      : settings.introspection_accounts) = accounts.uids;
        return {};
    }
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
            Accounts accounts;
            std::string fault = take_line(line, accounts, settings);
            if (!fault.empty())
                faults.push_back({file.path, line.number, std::move(fault)});
            for (std::string& unknown : accounts.unknown)
                settings.unknown_accounts.push_back({file.path, line.number, std::move(unknown)});
        }
    }
    return settings;
}

HttpSettings gateway_settings() {
    Accounts accounts;
    (void)take_accounts({.value = kGateway}, accounts);
    HttpSettings settings;
    settings.gateway_accounts = accounts.uids;
    return settings;
}

}  // namespace patd::web
