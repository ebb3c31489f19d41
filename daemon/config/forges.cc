// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "daemon/config/forges.h"

namespace patd {

std::string_view forge_scheme_name(ForgeScheme scheme) {
    switch (scheme) {
        case ForgeScheme::Basic:
            return "basic";
        case ForgeScheme::Bearer:
            return "bearer";
        case ForgeScheme::Token:
            return "token";
        case ForgeScheme::PrivateToken:
            return "private-token";
    }
    return "";
}

bool Forges::add_host(const Origin& host, const std::string& name) {
    return hosts_.emplace(host, name).first->second == name;
}

const Forge* Forges::find(const Origin& host) const {
    const auto named = hosts_.find(host);
    if (named == hosts_.end())
        return nullptr;
    const auto forge = forges_.find(named->second);
    return forge == forges_.end() ? nullptr : &forge->second;
}

std::size_t Forges::rules() const {
    std::size_t count = 0;
    for (const auto& [name, forge] : forges_)
        count += forge.rules.size();
    return count;
}

}  // namespace patd
