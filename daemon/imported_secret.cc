// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "daemon/imported_secret.h"

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

Result<void> check_imported_secret(const TokenSecret& secret) {
    const std::span<const char> bytes = secret.expose();
    if (bytes.empty() || bytes.size() > limits::kTokenSecretBytes ||
        std::any_of(bytes.begin(), bytes.end(), is_control) ||
        token_shape({bytes.data(), bytes.size()}) != TokenShape::None)
        return Errc::InvalidSecret;
    return {};
}

}  // namespace patd
