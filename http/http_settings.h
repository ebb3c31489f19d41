// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "common/base/uid.h"
#include "daemon/config/config_files.h"

#include <string>
#include <vector>

namespace patd::web {

// What an admin may choose (patd-http(8)): /etc/patd/http.d/*.conf, section
// [Http].
struct HttpSettings {
    std::vector<Uid> introspection_accounts = {};  // who may introspect without a token
    std::vector<Uid> server_accounts = {};         // who is believed about a client's address
    std::vector<Uid> gateway_accounts = {};        // of the gateway's instance: who may exchange
    std::string issuer = {};                       // `iss`; "" for none
    bool tls_in_front = false;
    // Lines that name an account which the machine does not have.
    std::vector<ConfigFault> unknown_accounts = {};
};

// Reads the files below `root`. Accounts that the machine does not have are left out and told in
// `unknown_accounts`, so that a server can be installed later; a fault is a line that cannot be
// followed. Blocks (NSS, disk).
HttpSettings read_http_settings(const std::string& root, std::vector<ConfigFault>& faults);

// Those of the gateway's own instance (patd-gateway(8)), which nothing configures: the gateway's
// nginx may exchange, and nobody is believed. Blocks (NSS).
HttpSettings gateway_settings();

}  // namespace patd::web
