// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "daemon/admission/sub_uids.h"

#include "common/base/parse_number.h"
#include "common/base/unique_fd.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <iterator>
#include <limits>
#include <optional>

namespace patd {
namespace {

using Ranges = std::vector<std::pair<std::uint32_t, std::uint32_t>>;

constexpr std::size_t kSubUidBytesMax = 1048576;  // for some 40,000 users

// Takes the text before the next `separator`, and the separator.
std::string_view take_until(std::string_view& text, char separator) {
    const std::size_t end = std::min(text.find(separator), text.size());
    const std::string_view taken = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    return taken;
}

// Sorted, without overlaps, so that one look-up finds a uid among those of 40,000 users.
Ranges joined(Ranges ranges) {
    std::sort(ranges.begin(), ranges.end());
    Ranges joined;
    for (const auto& [first, last] : ranges) {
        if (!joined.empty() && first <= joined.back().second)
            joined.back().second = std::max(joined.back().second, last);
        else
            joined.emplace_back(first, last);
    }
    return joined;
}

}  // namespace

SubUids SubUids::parse(std::string_view text) {
    Ranges ranges;
    while (!text.empty()) {
        std::string_view line = take_until(text, '\n');
        (void)take_until(line, ':');  // the owner's name
        const std::optional<std::uint32_t> first =
            parse_number<std::uint32_t>(take_until(line, ':'));
        const std::optional<std::uint32_t> count = parse_number<std::uint32_t>(line);
        if (!first || !count || *count == 0)
            continue;
        constexpr std::uint32_t kMost = std::numeric_limits<std::uint32_t>::max();
        ranges.emplace_back(*first, *first + std::min(*count - 1, kMost - *first));
    }
    return SubUids(joined(std::move(ranges)));
}

SubUids SubUids::read(const std::string& root) {
    const UniqueFd file(open((root + "/etc/subuid").c_str(), O_RDONLY | O_CLOEXEC));
    std::string text(kSubUidBytesMax, '\0');
    const ssize_t got = file ? ::read(file.get(), text.data(), text.size()) : 0;
    return parse(std::string_view(text).substr(0, got > 0 ? static_cast<std::size_t>(got) : 0));
}

bool SubUids::contains(Uid uid) const {
    const auto after = std::upper_bound(
        ranges_.begin(), ranges_.end(), uid.value(),
        [](std::uint32_t number, const auto& range) { return number < range.first; });
    return after != ranges_.begin() && uid.value() <= std::prev(after)->second;
}

}  // namespace patd
