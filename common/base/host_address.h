// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace patd {

// The canonical form of an IP address: IPv6 as in RFC 5952, an IPv4-mapped address
// (`::ffff:192.0.2.1`) as IPv4, a zone (`%eth0`) unchanged. Nothing for anything else, such as a
// name.
std::optional<std::string> normal_address(std::string_view text);

}  // namespace patd
