// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "http/credentials.h"

#include "common/base/http_limits.h"
#include "common/token/token_string.h"

#include <algorithm>
#include <array>
#include <cstdint>

namespace patd::web {
namespace {

using Read = Result<std::optional<Credentials>>;

constexpr std::size_t kDecodedBytes = limits::kHttpUserBytes + 1 + kOldChildBytesMax;

char to_lower(char letter) {
    return letter >= 'A' && letter <= 'Z' ? static_cast<char>(letter - 'A' + 'a') : letter;
}

bool is_word(std::string_view word, std::string_view lower) {
    return std::equal(word.begin(), word.end(), lower.begin(), lower.end(),
                      [](char a, char b) { return to_lower(a) == b; });
}

constexpr std::uint8_t kNoSextet = 0xff;
constexpr auto kSextets = [] {
    constexpr std::string_view kDigits =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    std::array<std::uint8_t, 256> sextets{};
    sextets.fill(kNoSextet);
    for (std::size_t i = 0; i < kDigits.size(); ++i)
        sextets[static_cast<unsigned char>(kDigits[i])] = static_cast<std::uint8_t>(i);
    return sextets;
}();

// RFC 4648, 4, with its padding and nothing else. Nothing if `text` is not that.
Result<std::optional<std::string_view>> decode_base64(std::string_view text, SecretBuffer& room) {
    if (text.size() % 4 != 0 || text.size() / 4 * 3 > kDecodedBytes + 2)
        return std::optional<std::string_view>();
    const std::span<char> space = room.free_space();
    if (text.size() / 4 * 3 > space.size())
        return Errc::LimitExceeded;
    const std::size_t padding = text.ends_with("==") ? 2 : text.ends_with('=') ? 1 : 0;
    text.remove_suffix(padding);
    std::uint32_t bits = 0;
    unsigned held = 0;
    unsigned seen = 0;
    std::size_t count = 0;
    for (const char digit : text) {
        const std::uint8_t sextet = kSextets[static_cast<unsigned char>(digit)];
        seen |= sextet;
        bits = (bits << 6U | sextet) & 0xffffU;
        held += 6;
        if (held < 8)
            continue;
        held -= 8;
        space[count++] = static_cast<char>(bits >> held & 0xffU);
    }
    room.grow(count);  // what is no good is wiped with it
    // The second: of two spellings of one text.
    if (seen == kNoSextet || (bits & ((1U << held) - 1)) != 0)
        return std::optional<std::string_view>();
    return std::optional(std::string_view(space.data(), count));
}

bool has_control(std::string_view text) {
    return std::any_of(text.begin(), text.end(), [](char byte) {
        return static_cast<unsigned char>(byte) < 0x20 || byte == 0x7f;
    });
}

Read read_basic(std::string_view text, SecretBuffer& room) {
    const std::optional<std::string_view> pair = TRY(decode_base64(text, room));
    const std::size_t colon = pair ? pair->find(':') : std::string_view::npos;
    if (colon == std::string_view::npos || colon > limits::kHttpUserBytes || has_control(*pair))
        return std::optional<Credentials>();
    return std::optional(Credentials{pair->substr(0, colon), pair->substr(colon + 1)});
}

}  // namespace

Read read_credentials(std::string_view field, SecretBuffer& room) {
    const std::size_t space = std::min(field.find(' '), field.size());
    const std::string_view scheme = field.substr(0, space);
    std::string_view rest = field.substr(space);
    rest.remove_prefix(std::min(rest.find_first_not_of(' '), rest.size()));
    std::optional<Credentials> found;
    if (is_word(scheme, "basic"))
        found = TRY(read_basic(rest, room));
    else if (is_word(scheme, "bearer"))
        found = Credentials{{}, rest};
    if (found && token_shape(found->secret) == TokenShape::None)
        found.reset();
    return found;
}

}  // namespace patd::web
