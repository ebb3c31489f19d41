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

Result<void> check_part(std::span<const char> part) {
    if (part.empty() || std::any_of(part.begin(), part.end(), is_control) ||
        token_shape({part.data(), part.size()}) != TokenShape::None)
        return Errc::InvalidSecret;
    return {};
}

}  // namespace

SecretParts divide_secret(std::span<const char> secret) {
    const auto end = std::find(secret.begin(), secret.end(), kPartsSeparator);
    if (end == secret.end())
        return {secret, std::nullopt};
    const auto size = static_cast<std::size_t>(end - secret.begin());
    return {secret.first(size), secret.subspan(size + 1)};
}

Result<void> check_imported_secret(std::span<const char> secret, SecretKind kind) {
    if (secret.size() > largest_secret(kind))
        return Errc::InvalidSecret;
    if (kind == SecretKind::Text)
        return check_part(secret);
    const SecretParts parts = divide_secret(secret);
    TRY(check_part(parts.secret));
    return parts.session_token ? check_part(*parts.session_token) : Result<void>();
}

Result<void> check_imported_secret(const TokenSecret& secret, SecretKind kind) {
    return check_imported_secret(secret.reveal(), kind);
}

std::size_t largest_secret(SecretKind kind) {
    return kind == SecretKind::Text ? limits::kTokenSecretBytes : limits::kSecretPartsBytes;
}

}  // namespace patd
