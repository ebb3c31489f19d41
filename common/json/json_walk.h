// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "common/base/result.h"

#include <span>
#include <string_view>

namespace patd {

// An object or an array that is open, and the key in it whose value is being read ("" in an array).
struct JsonLevel {
    bool is_array = false;
    std::size_t first_key = 0;  // for json_walk.cc alone
    std::string_view key = {};
};
using JsonPath = std::span<const JsonLevel>;  // the outermost first

enum class JsonKind { Text, Number, Flag };

// Is told what a text has, in its order. Each function says whether to go on.
class JsonVisitor {
  public:
    virtual ~JsonVisitor() = default;
    // An object or an array begins there.
    virtual bool open(JsonPath where, bool is_array) = 0;
    // `text` is decoded; a number is as it was written; a flag is "true" or "false". Views the text
    // that is read.
    virtual bool value(JsonPath where, JsonKind kind, std::string_view text) = 0;
    virtual bool null(JsonPath /*where*/) { return true; }
};

// Reads the one object that `text` is, decoding its strings in place: no byte of them has a copy.
// MalformedRequest: no JSON of RFC 8259 in UTF-8, no object, more than one, deeper than
// kJsonDepth, more than kJsonKeys keys in open objects, a key twice in one object, or the
// visitor said no.
Result<void> walk_json(std::span<char> text, JsonVisitor& visitor);

}  // namespace patd
