// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "credential_helper/adapters/adapter.h"

namespace patd::credential_helper {

extern const Adapter kGet;        // restic, borg, rclone, msmtp, isync, neomutt, scripts
extern const Adapter kDocker;     // docker, podman, skopeo, buildah
extern const Adapter kAskpass;    // GIT_ASKPASS
extern const Adapter kCargo;      // cargo's registries
extern const Adapter kKubectl;    // exec plugins
extern const Adapter kAws;        // credential_process
extern const Adapter kKeyring;    // pip's subprocess provider
extern const Adapter kGo;         // GOAUTH
extern const Adapter kTerraform;  // credentials_helper
extern const Adapter kPnpm;       // tokenHelper
extern const Adapter kVault;      // ansible's --vault-id LABEL@...-client
extern const Adapter kBazel;      // --credential_helper

// The adapter that has `name`, the last part of a path; pip's is also `keyring`, and pnpm's what
// begins with `pat-pnpm-`, because pnpm says no more than the name. Null for any other.
const Adapter* find_adapter(std::string_view name);

}  // namespace patd::credential_helper
