// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "common/base/clock.h"
#include "common/base/secrets.h"
#include "common/token/target.h"

#include <utility>

namespace patd {

// What git hands over with `store`.
struct StoredCredential {
    // NOLINTNEXTLINE(google-explicit-constructor): most have nothing else
    StoredCredential(TokenSecret of_git) : secret(std::move(of_git)) {}

    TokenSecret secret;         // may be empty: a server that asks for none (Kerberos)
    RefreshToken refresh = {};  // empty: there is none
    UnixTime expires = 0;       // 0: git said nothing of it
    AuthScheme scheme = AuthScheme::Basic;
};

}  // namespace patd
