// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace patd {

// What was derived from an issued token, as the audit log records it in `where`.
struct Derivation {
    std::string target;
    std::int64_t seconds = 0;      // the child's lifetime
    std::uint32_t generation = 0;  // its parent's: a later one has ended it
    std::string permissions;       // separated by commas
};

// `TARGET (child, 600s, generation 3: PERMISSIONS)`, at most kAuditTextBytes: a long target or list
// ends in "...".
std::string format_derivation(const Derivation& derivation);
// Nothing for any other form: a target alone means that an imported token was released.
std::optional<Derivation> parse_derivation(std::string_view text);

}  // namespace patd
