// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "common/token/base64url.h"

namespace patd {
namespace {

constexpr std::string_view kAlphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
constexpr std::string_view kPlainAlphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

Result<void> append_byte(SecretBuffer& out, unsigned value) {
    const char byte = static_cast<char>(static_cast<unsigned char>(value));
    return out.append({&byte, 1});
}

Result<void> encode(SecretBuffer& out, std::span<const char> bytes, std::string_view alphabet) {
    unsigned bits = 0;
    unsigned count = 0;
    for (const char c : bytes) {
        bits = (bits << 8) | static_cast<unsigned char>(c);
        for (count += 8; count >= 6; count -= 6)
            TRY(out.append(alphabet.substr((bits >> (count - 6)) & 0x3f, 1)));
    }
    if (count > 0)
        TRY(out.append(alphabet.substr((bits << (6 - count)) & 0x3f, 1)));
    return {};
}

}  // namespace

Result<void> append_base64url(SecretBuffer& out, std::span<const char> bytes) {
    return encode(out, bytes, kAlphabet);
}

Result<void> append_base64(SecretBuffer& out, std::span<const char> bytes) {
    TRY(encode(out, bytes, kPlainAlphabet));
    constexpr std::string_view kPadding = "==";
    return out.append(kPadding.substr(0, (3 - bytes.size() % 3) % 3));
}

Result<void> append_decoded_base64url(SecretBuffer& out, std::string_view text) {
    unsigned bits = 0;
    unsigned count = 0;
    for (const char c : text) {
        const std::size_t digit = kAlphabet.find(c);
        if (digit == std::string_view::npos)
            return Errc::MalformedRequest;
        bits = (bits << 6) | static_cast<unsigned>(digit);
        count += 6;
        if (count >= 8) {
            count -= 8;
            TRY(append_byte(out, bits >> count));
        }
    }
    if (count == 6 || (bits & ((1U << count) - 1)) != 0)
        return Errc::MalformedRequest;
    return {};
}

}  // namespace patd
