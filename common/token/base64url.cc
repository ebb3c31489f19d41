// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "common/token/base64url.h"

#include <array>
#include <cstdint>

namespace patd {
namespace {

constexpr std::string_view kAlphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
constexpr std::string_view kPlainAlphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

constexpr std::uint8_t kNoDigit = 0xff;

// The value of each digit in a table: every verify of a child decodes one.
constexpr std::array<std::uint8_t, 256> make_values() {
    std::array<std::uint8_t, 256> values{};
    values.fill(kNoDigit);
    for (std::size_t i = 0; i < kAlphabet.size(); ++i)
        values[static_cast<unsigned char>(kAlphabet[i])] = static_cast<std::uint8_t>(i);
    return values;
}

constexpr std::array<std::uint8_t, 256> kValues = make_values();

char as_char(unsigned value) {
    return static_cast<char>(static_cast<unsigned char>(value));
}

Result<void> encode(SecretBuffer& out, std::span<const char> bytes, std::string_view alphabet) {
    const std::span<char> room = out.free_space();
    if ((bytes.size() * 8 + 5) / 6 > room.size())
        return Errc::LimitExceeded;
    unsigned bits = 0;
    unsigned count = 0;
    std::size_t written = 0;
    for (const char c : bytes) {
        bits = (bits << 8) | static_cast<unsigned char>(c);
        for (count += 8; count >= 6; count -= 6)
            room[written++] = alphabet[(bits >> (count - 6)) & 0x3f];
    }
    if (count > 0)
        room[written++] = alphabet[(bits << (6 - count)) & 0x3f];
    out.grow(written);
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
    const std::span<char> room = out.free_space();
    if (text.size() * 6 / 8 > room.size())
        return Errc::LimitExceeded;
    unsigned bits = 0;
    unsigned count = 0;
    unsigned invalid = 0;
    std::size_t written = 0;
    for (const char c : text) {
        const unsigned digit = kValues[static_cast<unsigned char>(c)];
        invalid |= digit & 0xc0;
        bits = (bits << 6) | (digit & 0x3f);
        count += 6;
        if (count >= 8) {
            count -= 8;
            room[written++] = as_char(bits >> count);
        }
    }
    // Counted even if refused, so that it is wiped with the rest.
    out.grow(written);
    if (invalid != 0 || count == 6 || (bits & ((1U << count) - 1)) != 0)
        return Errc::MalformedRequest;
    return {};
}

}  // namespace patd
