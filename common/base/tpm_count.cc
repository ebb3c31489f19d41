// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "common/base/tpm_count.h"

#include "common/base/parse_number.h"

namespace patd {
namespace {

constexpr std::size_t kIdDigits = 64;
constexpr std::string_view kNoId("-");

bool is_count_id(std::string_view id) {
    return id == kNoId || (id.size() == kIdDigits &&
                           id.find_first_not_of("0123456789abcdef") == std::string_view::npos);
}

}  // namespace

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
