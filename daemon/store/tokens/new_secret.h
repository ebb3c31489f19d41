// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "common/base/secrets.h"

#include <span>

namespace patd::store {

// A secret to keep, and the refresh token that came with it, if any. Both must outlive it.
struct NewSecret {
    // NOLINTNEXTLINE(google-explicit-constructor): most tokens have nothing else
    NewSecret(const TokenSecret& of_token) : secret(of_token.reveal()) {}
    NewSecret(const TokenSecret& of_token, const RefreshToken& with)
        : secret(of_token.reveal()), refresh(with.reveal()) {}

    std::span<const char> secret;
    std::span<const char> refresh = {};
};

}  // namespace patd::store
