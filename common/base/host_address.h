// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace patd {

// An IP address in the one form that every spelling of it has: IPv6 as in RFC 5952, an IPv4 address
// that is mapped into it (`::ffff:192.0.2.1`) as IPv4, a zone (`%eth0`) as it is. Nothing for
// anything else, such as a name.
std::optional<std::string> normal_address(std::string_view text);

}  // namespace patd
