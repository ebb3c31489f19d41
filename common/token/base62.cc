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

constexpr std::array<bool, 256> make_is_digit() {
    std::array<bool, 256> table{};
    for (const char c : kDigits)
        table[static_cast<unsigned char>(c)] = true;
    return table;
}

constexpr std::array<bool, 256> kIsDigit = make_is_digit();

// [k][byte]: the effect on the CRC of a byte with k more behind it (reflected polynomial of
// ISO-HDLC), so that it takes four bytes at a time: verify computes one for every secret.
using CrcTables = std::array<std::array<std::uint32_t, 256>, 4>;
constexpr CrcTables make_crc_tables() {
    CrcTables tables{};
    for (std::uint32_t byte = 0; byte < 256; ++byte) {
        std::uint32_t crc = byte;
        for (int bit = 0; bit < 8; ++bit)
            crc = (crc >> 1) ^ ((crc & 1U) != 0 ? 0xedb88320U : 0U);
        tables[0][byte] = crc;
    }
    for (std::size_t behind = 1; behind < tables.size(); ++behind) {
        for (std::size_t byte = 0; byte < 256; ++byte) {
            const std::uint32_t crc = tables[behind - 1][byte];
            tables[behind][byte] = (crc >> 8) ^ tables[0][crc & 0xffU];
        }
    }
    return tables;
}

constexpr CrcTables kCrc = make_crc_tables();

}  // namespace

bool is_base62(std::string_view text) {
    // No branch per byte: the secret is judged as a whole.
    bool all = true;
    for (const char c : text)
        all &= kIsDigit[static_cast<unsigned char>(c)];
    return all;
}

Result<void> random_base62(Random& random, std::span<char> digits) {
    std::array<std::uint8_t, 64> bytes{};
    std::size_t filled = 0;
    while (filled < digits.size()) {
        TRY(random.fill(bytes));
        for (std::size_t i = 0; i < bytes.size() && filled < digits.size(); ++i) {
            // 248 is the largest multiple of 62 that fits a byte: values above would bias the
            // digits.
            if (bytes[i] < 248)
                digits[filled++] = kDigits[bytes[i] % 62];
        }
    }
    wipe(std::span<char>(reinterpret_cast<char*>(bytes.data()), bytes.size()));
    return {};
}

std::uint32_t crc32(std::string_view text) {
    std::uint32_t crc = 0xffffffffU;
    const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
    std::size_t at = 0;
    for (; at + 4 <= text.size(); at += 4) {
        crc = kCrc[3][(crc ^ byte(at)) & 0xffU] ^ kCrc[2][((crc >> 8) ^ byte(at + 1)) & 0xffU] ^
              kCrc[1][((crc >> 16) ^ byte(at + 2)) & 0xffU] ^ kCrc[0][(crc >> 24) ^ byte(at + 3)];
    }
    for (; at < text.size(); ++at)
        crc = (crc >> 8) ^ kCrc[0][(crc ^ byte(at)) & 0xffU];
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
