// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "common/token/token_string.h"

#include <algorithm>
#include <array>

namespace patd {
namespace {

bool is_base64url(std::string_view text) {
    return std::all_of(text.begin(), text.end(), [](char c) {
        return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
               c == '-' || c == '_';
    });
}

constexpr std::size_t kSeparatorAt = kIssuedPrefix.size() + TokenId::kDigits;

bool is_issued(std::string_view text) {
    return claimed_token_id(text) && is_base62(text.substr(kSeparatorAt + 1)) &&
           has_valid_checksum(text);
}

bool is_child(std::string_view text) {
    return text.size() <= kOldChildBytesMax && text.starts_with(kChildPrefix) &&
           text.size() > kChildPrefix.size() + kChecksumDigits &&
           is_base64url(text.substr(kChildPrefix.size())) && has_valid_checksum(text);
}

}  // namespace

TokenShape token_shape(std::string_view text) {
    if (is_issued(text))
        return TokenShape::Issued;
    return is_child(text) ? TokenShape::Child : TokenShape::None;
}

std::optional<TokenId> claimed_token_id(std::string_view text) {
    if (text.size() != kIssuedBytes || !text.starts_with(kIssuedPrefix) ||
        text[kSeparatorAt] != '_')
        return std::nullopt;
    return TokenId::parse(text.substr(kIssuedPrefix.size(), TokenId::kDigits));
}

std::optional<TokenId> issued_token_id(std::string_view text) {
    return is_issued(text) ? claimed_token_id(text) : std::nullopt;
}

Result<TokenSecret> make_issued_secret(const TokenId& id, Random& random) {
    SecretBuffer text(kIssuedBytes);
    TRY(text.append(kIssuedPrefix));
    TRY(text.append(id.view()));
    TRY(text.append(std::string_view("_")));
    TRY(random_base62(random, text.free_space().first(kIssuedDigits)));
    text.grow(kIssuedDigits);
    std::array<char, kChecksumDigits> checksum{};
    const std::span<const char> all = text.reveal();
    write_checksum(crc32({all.data(), all.size()}), checksum);
    TRY(text.append(checksum));
    return TokenSecret(std::move(text));
}

}  // namespace patd
