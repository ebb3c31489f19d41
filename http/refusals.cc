// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "http/refusals.h"

#include "common/base/host_address.h"
#include "common/base/http_limits.h"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <optional>

namespace patd::web {
namespace {

// Each refusal is forgotten kHttpRefusalEvery after the one before it.
constexpr auto kFull = limits::kHttpRefusalEvery * limits::kHttpRefusals;

}  // namespace

bool Refusals::is_over(std::string_view place, Time now) {
    const auto found = free_at_.find(std::string(place));
    return found != free_at_.end() && found->second - now > kFull - limits::kHttpRefusalEvery;
}

void Refusals::count(std::string_view place, Time now) {
    if (free_at_.size() >= limits::kHttpAddresses && !free_at_.contains(std::string(place)))
        make_room(now);
    Time& free_at = free_at_[std::string(place)];
    free_at = std::min(std::max(free_at, now) + limits::kHttpRefusalEvery, now + kFull);
}

void Refusals::make_room(Time now) {
    std::erase_if(free_at_, [now](const auto& entry) { return entry.second <= now; });
    // Each of these was refused within the last minute. To look for the oldest at every refusal
    // would be a cost that a client chooses, so half of them go at once.
    if (free_at_.size() >= limits::kHttpAddresses)
        free_at_.erase(free_at_.begin(), std::next(free_at_.begin(), limits::kHttpAddresses / 2));
}

std::string Refusals::place_of(std::string_view address) {
    const std::optional<std::string> normal = normal_address(address);
    in6_addr bytes{};
    if (!normal)
        return {};
    if (inet_pton(AF_INET6, normal->c_str(), &bytes) != 1)
        return *normal;
    std::fill(std::begin(bytes.s6_addr) + 8, std::end(bytes.s6_addr), std::uint8_t{0});
    std::array<char, INET6_ADDRSTRLEN> text{};
    (void)inet_ntop(AF_INET6, &bytes, text.data(), text.size());
    return std::string(text.data()) + "/64";
}

}  // namespace patd::web
