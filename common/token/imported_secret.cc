// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "common/token/imported_secret.h"

#include "common/base/limits.h"
#include "common/token/token_string.h"

#include <algorithm>

namespace patd {
namespace {

bool is_control(char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte < 0x20 || byte == 0x7f;
}

}  // namespace

Result<void> check_imported_secret(std::span<const char> secret) {
    if (secret.empty() || secret.size() > limits::kTokenSecretBytes ||
        std::any_of(secret.begin(), secret.end(), is_control) ||
        token_shape({secret.data(), secret.size()}) != TokenShape::None)
        return Errc::InvalidSecret;
    return {};
}

Result<void> check_imported_secret(const TokenSecret& secret) {
    return check_imported_secret(secret.reveal());
}

}  // namespace patd
