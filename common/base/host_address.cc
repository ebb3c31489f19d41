// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "common/base/host_address.h"

#include <arpa/inet.h>
#include <net/if.h>

#include <algorithm>
#include <array>

namespace patd {
namespace {

bool is_zone(std::string_view zone) {
    static constexpr std::string_view kOthers = "._:@-";
    return !zone.empty() && zone.size() < IF_NAMESIZE &&
           std::all_of(zone.begin(), zone.end(), [](char c) {
               return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                      kOthers.find(c) != std::string_view::npos;
           });
}

// Only link-local addresses have a zone.
std::optional<std::string> normal_ipv6(const std::string& text, bool has_zone) {
    in6_addr address{};
    if (inet_pton(AF_INET6, text.c_str(), &address) != 1)
        return std::nullopt;
    if (has_zone && !IN6_IS_ADDR_LINKLOCAL(&address) && !IN6_IS_ADDR_MC_LINKLOCAL(&address))
        return std::nullopt;
    std::array<char, INET6_ADDRSTRLEN> normal{};
    const bool is_mapped = IN6_IS_ADDR_V4MAPPED(&address);
    const void* const bytes = is_mapped ? &address.s6_addr[12] : &address.s6_addr[0];
    return inet_ntop(is_mapped ? AF_INET : AF_INET6, bytes, normal.data(), normal.size());
}

}  // namespace

std::optional<std::string> normal_address(std::string_view text) {
    // A longer text is no address, and inet_pton alone would stop at a NUL byte.
    if (text.size() > INET6_ADDRSTRLEN + IF_NAMESIZE || text.find('\0') != std::string_view::npos)
        return std::nullopt;
    in_addr address{};
    if (inet_pton(AF_INET, std::string(text).c_str(), &address) == 1)
        return std::string(text);
    const std::size_t percent = text.find('%');
    const bool has_zone = percent != std::string_view::npos;
    std::optional<std::string> normal = normal_ipv6(std::string(text.substr(0, percent)), has_zone);
    if (!normal || !has_zone)
        return normal;
    if (!is_zone(text.substr(percent + 1)))
        return std::nullopt;
    return normal->append(text.substr(percent));
}

}  // namespace patd
