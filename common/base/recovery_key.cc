// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "common/base/recovery_key.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace patd {
namespace {

constexpr std::size_t kLines = 4;
constexpr std::size_t kLineBytes = kMasterKeyBytes / kLines;
constexpr std::size_t kDigits = 16;  // of five bits each: the eight bytes and a checksum of two
constexpr std::size_t kGroup = 4;

// Crockford's base 32: no I, L, O and U. https://www.crockford.com/base32.html
constexpr std::string_view kAlphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

constexpr std::string_view kComment =
    "# Recovery key of patd. Whoever has it and a backup, or the disk, can read every token:\n"
    "# print it, lock it away from the backups, and delete the file.\n"
    "# To use it: sudo patctl admin recover-key FILE --install; see patd(8), RECOVERY.\n";

// CRC-16/CCITT-FALSE: finds every error within 16 bits, so in any three adjacent letters, and all
// but one in 65,536 of the others.
std::uint16_t add_to_checksum(std::uint16_t crc, std::uint8_t byte) {
    crc = static_cast<std::uint16_t>(crc ^ (byte << 8));
    for (int bit = 0; bit < 8; ++bit)
        crc = static_cast<std::uint16_t>((crc & 0x8000) != 0 ? (crc << 1) ^ 0x1021 : crc << 1);
    return crc;
}

// Covers the line's number and bytes, so that swapped lines are found too.
std::uint16_t checksum(std::size_t line, std::span<const char> bytes) {
    std::uint16_t crc = add_to_checksum(0xffff, static_cast<std::uint8_t>(line));
    for (const char byte : bytes)
        crc = add_to_checksum(crc, static_cast<std::uint8_t>(byte));
    return crc;
}

constexpr std::size_t kHalf = 5;  // bytes that eight digits hold

void append_digits(SecretBuffer& text, std::uint64_t forty_bits) {
    for (std::size_t digit = 0; digit < 2 * kGroup; ++digit) {
        if (digit % kGroup == 0)
            (void)text.append(std::string_view("-"));
        const char c = kAlphabet[(forty_bits >> (5 * (2 * kGroup - 1 - digit))) & 31];
        (void)text.append({&c, 1});
    }
}

std::uint64_t number_of(std::span<const char> bytes) {
    std::uint64_t number = 0;
    for (const char byte : bytes)
        number = (number << 8) | static_cast<std::uint8_t>(byte);
    return number;
}

void append_line(SecretBuffer& text, std::size_t line, std::span<const char> bytes) {
    const char number = static_cast<char>('0' + line);
    (void)text.append({&number, 1});
    const std::uint64_t rest = (number_of(bytes.subspan(kHalf)) << 16) | checksum(line, bytes);
    append_digits(text, number_of(bytes.first(kHalf)));
    append_digits(text, rest);
    (void)text.append(std::string_view("\n"));
}

Error wrong_line(std::size_t line) {
    return Error{Errc::InvalidKey, "line " + std::to_string(line) +
                                       " of the recovery key is incomplete or mistyped; compare it "
                                       "letter by letter"};
}

// The value of a digit, in any form that people write it.
std::optional<std::uint64_t> digit_value(char c) {
    if (c >= 'a' && c <= 'z')
        c = static_cast<char>(c - 'a' + 'A');
    if (c == 'O')
        c = '0';
    if (c == 'I' || c == 'L')
        c = '1';
    const std::size_t value = kAlphabet.find(c);
    return value == std::string_view::npos ? std::nullopt : std::optional<std::uint64_t>(value);
}

bool is_filler(char c) {
    return c == ' ' || c == '-' || c == '\t' || c == '\r';
}

// The next line with content, without its end; empty if there is none.
std::span<const char> take_line(std::span<const char>& text) {
    while (!text.empty()) {
        const std::string_view all(text.data(), text.size());
        const std::size_t end = std::min(all.find('\n'), all.size());
        const std::span<const char> line = text.first(end);
        text = text.subspan(std::min(end + 1, text.size()));
        const bool says_nothing = std::all_of(line.begin(), line.end(), is_filler);
        if (!says_nothing && line.front() != '#')
            return line;
    }
    return {};
}

// The digits of a line: its number, then the two halves.
struct Digits {
    std::array<std::uint64_t, 2> halves{};
    std::size_t count = 0;
};

Result<Digits> read_digits(std::span<const char> text, std::size_t line) {
    Digits digits;
    for (const char c : text) {
        if (is_filler(c))
            continue;
        const std::optional<std::uint64_t> value = digit_value(c);
        if (!value || digits.count > kDigits || (digits.count == 0 && *value != line))
            return wrong_line(line);
        if (digits.count > 0) {
            std::uint64_t& half = digits.halves[(digits.count - 1) / (kDigits / 2)];
            half = (half << 5) | *value;
        }
        ++digits.count;
    }
    if (digits.count != kDigits + 1)
        return wrong_line(line);
    return digits;
}

Result<void> append_bytes(SecretBuffer& key, std::span<const char> text, std::size_t line) {
    const Digits digits = TRY(read_digits(text, line));
    std::array<char, kLineBytes> bytes{};
    for (std::size_t i = 0; i < kHalf; ++i)
        bytes[i] = static_cast<char>((digits.halves[0] >> (8 * (kHalf - 1 - i))) & 0xff);
    for (std::size_t i = kHalf; i < kLineBytes; ++i)
        bytes[i] = static_cast<char>((digits.halves[1] >> (8 * (2 * kHalf - 1 - i))) & 0xff);
    const bool good = checksum(line, bytes) == (digits.halves[1] & 0xffff);
    if (good)
        (void)key.append(bytes);
    wipe(bytes);
    return good ? Result<void>() : wrong_line(line);
}

}  // namespace

Result<SecretBuffer> format_recovery_key(const MasterKey& key) {
    if (key.size() != kMasterKeyBytes)
        return Error{Errc::Internal, "a master key is not 32 bytes long"};
    SecretBuffer text(kRecoveryTextBytes);
    TRY(text.append(kComment));
    for (std::size_t line = 0; line < kLines; ++line)
        append_line(text, line + 1, key.reveal().subspan(line * kLineBytes, kLineBytes));
    return text;
}

Result<MasterKey> parse_recovery_key(std::span<const char> text) {
    SecretBuffer key(kMasterKeyBytes);
    for (std::size_t line = 1; line <= kLines; ++line)
        TRY(append_bytes(key, take_line(text), line));
    if (!take_line(text).empty())
        return wrong_line(kLines + 1);
    return MasterKey(std::move(key));
}

}  // namespace patd
