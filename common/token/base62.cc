// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "common/token/base62.h"

#include "common/base/secret_buffer.h"

#include <algorithm>
#include <array>

namespace patd {
namespace {

constexpr std::string_view kDigits =
    "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

// The CRC of each byte (reflected polynomial of ISO-HDLC): verify computes one a call.
constexpr std::array<std::uint32_t, 256> make_crc_table() {
    std::array<std::uint32_t, 256> table{};
    for (std::uint32_t byte = 0; byte < table.size(); ++byte) {
        std::uint32_t crc = byte;
        for (int bit = 0; bit < 8; ++bit)
            crc = (crc >> 1) ^ ((crc & 1U) != 0 ? 0xedb88320U : 0U);
        table[byte] = crc;
    }
    return table;
}

constexpr std::array<std::uint32_t, 256> kCrcTable = make_crc_table();

}  // namespace

bool is_base62(std::string_view text) {
    return std::all_of(text.begin(), text.end(), [](char c) {
        return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
    });
}

Result<void> random_base62(Random& random, std::span<char> digits) {
    std::array<std::uint8_t, 64> bytes{};
    std::size_t filled = 0;
    while (filled < digits.size()) {
        TRY(random.fill(bytes));
        for (std::size_t i = 0; i < bytes.size() && filled < digits.size(); ++i) {
            // 248 is the largest multiple of 62 in a byte: above it, digits would not be even.
            if (bytes[i] < 248)
                digits[filled++] = kDigits[bytes[i] % 62];
        }
    }
    wipe(std::span<char>(reinterpret_cast<char*>(bytes.data()), bytes.size()));
    return {};
}

std::uint32_t crc32(std::string_view text) {
    std::uint32_t crc = 0xffffffffU;
    for (const char c : text)
        crc = (crc >> 8) ^ kCrcTable[(crc ^ static_cast<unsigned char>(c)) & 0xffU];
    return ~crc;
}

void write_checksum(std::uint32_t crc, std::span<char, kChecksumDigits> digits) {
    for (std::size_t i = digits.size(); i-- > 0;) {
        digits[i] = kDigits[crc % 62];
        crc /= 62;
    }
}

bool has_valid_checksum(std::string_view text) {
    if (text.size() <= kChecksumDigits)
        return false;
    const std::size_t split = text.size() - kChecksumDigits;
    std::array<char, kChecksumDigits> expected{};
    write_checksum(crc32(text.substr(0, split)), expected);
    return text.substr(split) == std::string_view(expected.data(), expected.size());
}

}  // namespace patd
