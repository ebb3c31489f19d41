// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "credential_helper/adapters/adapters.h"

#include "credential_helper/adapters/place.h"

#include <array>

namespace patd::credential_helper {
namespace {

constexpr std::array kAdapters = {&kGet,     &kDocker, &kAskpass, &kCargo,     &kKubectl, &kAws,
                                  &kKeyring, &kGo,     &kPnpm,    &kTerraform, &kVault,   &kBazel};

}  // namespace

const Adapter* find_adapter(std::string_view name) {
    for (const Adapter* adapter : kAdapters) {
        if (adapter->name == name)
            return adapter;
    }
    if (name == "keyring")
        return &kKeyring;
    return name.starts_with(kPnpmLink) ? &kPnpm : nullptr;
}

}  // namespace patd::credential_helper
