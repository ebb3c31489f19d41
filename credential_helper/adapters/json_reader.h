// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "common/base/result.h"
#include "common/base/tool_limits.h"

#include <array>
#include <span>
#include <string_view>

namespace patd::credential_helper {

// A string or a number that is looked for, by the keys that lead to it: "registry.index-url".
struct JsonField {
    std::string_view path;
    bool is_number = false;
    bool found = false;           // null counts as not there
    std::string_view value = {};  // decoded; a number as it was written
};

// The strings of an array.
struct JsonList {
    std::string_view path;
    std::array<std::string_view, limits::kToolArguments> items = {};
    std::size_t count = 0;
};

// Reads the one object that `text` is, decoding its strings in place: no byte of them has a copy.
// Fills in `fields` and `list` (null: none), which then view `text`. Whatever else is there is
// checked and left alone. MalformedRequest: no JSON of RFC 8259 in UTF-8, no object, more than
// one, too deep, too many keys, a key twice in one object, what is looked for of another type.
Result<void> read_json(std::span<char> text, std::span<JsonField> fields, JsonList* list = nullptr);

}  // namespace patd::credential_helper
