// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "common/token/permission.h"
#include "common/token/target.h"

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace patd {

// How a forge takes a secret (patd-gateway(5)): as the password of Basic authentication, in an
// Authorization header after "Bearer" or "token", or in a header of its own.
enum class ForgeScheme { Basic, Bearer, Token, PrivateToken };
std::string_view forge_scheme_name(ForgeScheme scheme);

struct ForgeAuth {
    ForgeScheme scheme = ForgeScheme::Basic;
    std::string username = {};  // for Basic; "": that of the token
};

// A request of a REST interface that the gateway lets through.
struct RestRule {
    Permission permission;  // which the child must have
    std::string method;
    std::vector<std::string> path;  // its segments; "*" stands for any one
};

// What the gateway lets through to the hosts of one forge, beside git.
struct Forge {
    ForgeAuth git = {};
    ForgeAuth rest = {ForgeScheme::Bearer, {}};
    std::vector<RestRule> rules = {};
};

// Those that gateway.d names. A host without one has git alone, with Basic authentication.
// Thread rule: a value; reading is safe from any thread.
class Forges {
  public:
    // By the section's name; made if there is none.
    Forge& at(const std::string& name) { return forges_[name]; }
    // False: the host belongs to another one.
    bool add_host(const Origin& host, const std::string& name);

    // Null: none has that host.
    const Forge* find(const Origin& host) const;
    std::size_t size() const { return forges_.size(); }
    std::size_t hosts() const { return hosts_.size(); }
    std::size_t rules() const;

  private:
    std::map<std::string, Forge> forges_;
    std::map<Origin, std::string> hosts_;
};

}  // namespace patd
