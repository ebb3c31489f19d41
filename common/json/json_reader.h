// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "common/base/result.h"
#include "common/json/json_walk.h"

#include <cstddef>
#include <span>
#include <string_view>

namespace patd {

// A value that is looked for, by the keys that lead to it: "registry.index-url".
struct JsonField {
    std::string_view path;
    JsonKind kind = JsonKind::Text;
    bool found = false;           // null counts as not there
    std::string_view value = {};  // decoded; a number as it was written; "true" or "false"
};

// The strings of an array, as many as there is `room` for.
struct JsonList {
    std::string_view path;
    std::span<std::string_view> room;
    std::size_t count = 0;
    bool found = false;
};

// What is looked for in one object.
struct JsonShape {
    std::span<JsonField> fields = {};
    std::span<JsonList> lists = {};
    bool is_whole = false;        // no other key may be there
    std::string_view fault = {};  // the path of what was refused, where it was looked for
};

// Reads the one object that `text` is, decoding its strings in place: no byte of them has a copy.
// Fills in `shape`, which then views `text`. Whatever else is there is checked and left alone, or,
// where the shape is whole, refused as UnknownOption. MalformedRequest: no JSON of RFC 8259 in
// UTF-8, no object, more than one, too deep, too many keys, a key twice in one object, what is
// looked for of another type. LimitExceeded: no room in a list.
Result<void> read_json(std::span<char> text, JsonShape& shape);
Result<void> read_json(std::span<char> text, std::span<JsonField> fields);

}  // namespace patd
