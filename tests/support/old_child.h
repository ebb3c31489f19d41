// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "common/token/base64url.h"
#include "common/token/token_string.h"
#include "daemon/release/child_claims.h"
#include "daemon/store/tokens/token_store.h"

#include <array>
#include <string>

namespace patd::support {

inline std::string big_endian(std::uint64_t value, unsigned bytes) {
    std::string text;
    while (bytes-- > 0)
        text.push_back(static_cast<char>(static_cast<unsigned char>(value >> (8 * bytes))));
    return text;
}

// The body of a child as versions before ADR 0025 wrote it.
inline std::string old_child_body(const ChildClaims& claims) {
    std::string body = "\1" + claims.parent.text() + big_endian(claims.generation, 4) +
                       big_endian(static_cast<std::uint64_t>(claims.expires), 8);
    for (const std::string& text : {format_permissions(claims.permissions),
                                    claims.target.stored_url(), claims.audience.text()})
        body += big_endian(text.size(), 2) + text;
    return body;
}

// Appends the right checksum to a changed text.
inline std::string with_checksum(std::string text) {
    text.resize(text.size() - kChecksumDigits);
    std::array<char, kChecksumDigits> digits{};
    write_checksum(crc32(text), digits);
    return text.append(digits.data(), digits.size());
}

// A child's text with these bytes under its base64.
inline std::string child_text(const std::string& raw) {
    SecretBuffer text(kOldChildBytesMax);
    text.append(kChildPrefix).value();
    append_base64url(text, raw).value();
    text.append(std::string(kChecksumDigits, '0')).value();
    return with_checksum({text.reveal().data(), text.size()});
}

// The bytes under a child's base64.
inline std::string raw_child(const std::string& text) {
    SecretBuffer raw(text.size());
    const std::size_t coded = text.size() - kChildPrefix.size() - kChecksumDigits;
    append_decoded_base64url(raw, std::string_view(text).substr(kChildPrefix.size(), coded))
        .value();
    return {raw.reveal().data(), raw.size()};
}

inline std::string old_child(const ChildClaims& claims, store::TokenStore& store) {
    const std::string body = old_child_body(claims);
    const Digest mac = store.child_mac(claims.parent, claims.generation, body).value();
    return child_text(body + std::string(mac.begin(), mac.end()));
}

}  // namespace patd::support
