// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "common/token/derivation.h"

#include "common/base/limits.h"
#include "common/base/parse_number.h"
#include "common/token/visible_text.h"

namespace patd {
namespace {

constexpr std::string_view kChild = " (child, ";
constexpr std::string_view kSeconds = "s, generation ";
constexpr std::string_view kColon = ": ";
constexpr std::string_view kEnd = ")";
constexpr std::string_view kMore = "...";
constexpr std::size_t kTargetBytes = 128;  // leaves room for three or four permissions

// Cut at `size`, with a sign that it was.
std::string shorten(const std::string& text, std::size_t size) {
    if (text.size() <= size)
        return text;
    return std::string(cut_text(text, size - kMore.size())).append(kMore);
}

// Takes `mark` and the text before it; false if `mark` is absent.
bool take_until(std::string_view& text, std::string_view mark, std::string_view& before) {
    const std::size_t at = text.find(mark);
    if (at == std::string_view::npos)
        return false;
    before = text.substr(0, at);
    text.remove_prefix(at + mark.size());
    return true;
}

}  // namespace

std::string format_derivation(const Derivation& derivation) {
    std::string text = shorten(derivation.target, kTargetBytes);
    text.append(kChild).append(std::to_string(derivation.seconds)).append(kSeconds);
    text.append(std::to_string(derivation.generation)).append(kColon);
    const std::size_t room = limits::kAuditTextBytes - text.size() - kEnd.size();
    return text.append(shorten(derivation.permissions, room)).append(kEnd);
}

std::optional<Derivation> parse_derivation(std::string_view text) {
    std::string_view target;
    std::string_view seconds;
    std::string_view generation;
    if (!text.ends_with(kEnd) || !take_until(text, kChild, target) ||
        !take_until(text, kSeconds, seconds) || !take_until(text, kColon, generation))
        return std::nullopt;
    text.remove_suffix(kEnd.size());
    const auto lifetime = parse_number<std::int64_t>(seconds);
    const auto of_parent = parse_number<std::uint32_t>(generation);
    if (!lifetime || !of_parent)
        return std::nullopt;
    return Derivation{std::string(target), *lifetime, *of_parent, std::string(text)};
}

}  // namespace patd
