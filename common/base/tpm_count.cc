// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "common/base/tpm_count.h"

#include "common/base/hex.h"
#include "common/base/parse_number.h"

#include <array>
#include <cstdio>

namespace patd {
namespace {

constexpr std::size_t kIdDigits = 64;
constexpr std::string_view kNoId("-");

// Of the range that is the owner's (TCG registry of reserved handles).
constexpr std::uint32_t kFirstIndex = 0x01817000;
constexpr std::uint32_t kIndexMask = 0xfff;
// FNV-1a.
constexpr std::uint32_t kHashBegin = 2166136261;
constexpr std::uint32_t kHashPrime = 16777619;

bool is_count_id(std::string_view id) {
    return id == kNoId ||
           (id.size() == kIdDigits && id.find_first_not_of(kHexDigits) == std::string_view::npos);
}

}  // namespace

std::uint32_t counter_index(std::string_view machine_id) {
    std::uint32_t hash = kHashBegin;
    for (const char digit : machine_id.substr(0, machine_id.find('\n')))
        hash = (hash ^ static_cast<std::uint8_t>(digit)) * kHashPrime;
    return kFirstIndex + ((hash ^ hash >> 12 ^ hash >> 24) & kIndexMask);
}

std::string index_text(std::uint32_t index) {
    std::array<char, 16> text{};
    std::snprintf(text.data(), text.size(), "0x%x", index);
    return text.data();
}

std::string format_count(const TpmCount& count) {
    return std::to_string(count.value) + " " + count.id;
}

std::optional<TpmCount> parse_count(std::string_view text) {
    const auto value = take_number<std::uint64_t>(text);
    if (!value || !text.starts_with(' ') || !is_count_id(text.substr(1)))
        return std::nullopt;
    return TpmCount{*value, std::string(text.substr(1))};
}

}  // namespace patd
