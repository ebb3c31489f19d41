// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace patd {

// What was derived of an issued token, as the audit log says it in `where`.
struct Derivation {
    std::string target;
    std::int64_t seconds = 0;      // how long the child lives
    std::uint32_t generation = 0;  // its parent's: a later one has ended it
    std::string permissions;       // with commas between
};

// `TARGET (child, 600s, generation 3: PERMISSIONS)`, at most kAuditTextBytes: a long target and a
// long list end in "...".
std::string format_derivation(const Derivation& derivation);
// Nothing for a text of another form: the target alone says that an imported token was released.
std::optional<Derivation> parse_derivation(std::string_view text);

}  // namespace patd
