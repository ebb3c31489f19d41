// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "common/base/result.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

struct sd_bus_message;

namespace patd::bus {

// Converts sd-bus's result of reading a message. MalformedRequest: the message is not as expected.
Result<void> well_formed(int result);

// A value of an a{sv} as this interface uses it: s (an o is read as s), as, x, u, b, t.
using Value = std::variant<std::string, std::vector<std::string>, std::int64_t, std::uint32_t, bool,
                           std::uint64_t>;

// Appends it as a variant. Negative, as sd-bus has it: text that is not UTF-8, or a message that is
// sealed or out of memory.
int append_value(sd_bus_message* message, const Value& value);
// Reads a variant. Nothing, and the message stays where it was: a type that Value does not have.
// MalformedRequest: not a variant, or over `strings_max` strings.
Result<std::optional<Value>> read_value(sd_bus_message* message, std::size_t strings_max);

// An `as`, likewise.
int append_strings(sd_bus_message* message, const std::vector<std::string>& texts);
Result<std::vector<std::string>> read_strings(sd_bus_message* message, std::size_t strings_max);

}  // namespace patd::bus
