// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "common/base/result.h"

#include <cstddef>
#include <span>
#include <string_view>
#include <vector>

namespace patd::cli {

// What leads to a value: a key, or the number of an item.
struct YamlStep {
    std::string_view key = {};  // "" of an item
    std::size_t item = 0;

    friend bool operator==(const YamlStep&, const YamlStep&) = default;
};

struct YamlValue {
    std::size_t line = 0;
    std::vector<YamlStep> path;
    std::string_view text = {};
    // It is a form that is not read: text of several lines, an anchor, a tag, a collection in one
    // line. Then `text` is nothing.
    bool is_odd = false;
};

// The part of YAML that programs write a configuration in: mappings and sequences by indentation,
// with plain or quoted values of one line each, and comments. Views the text, in which quoted
// values were decoded. A value without a text (`{}`, `[]`, `~`, nothing) is not told.
// MalformedRequest, with the line: anything else, more than one document, deeper than
// kImportNesting, or a key that comes twice.
Result<std::vector<YamlValue>> read_yaml(std::span<char> text);

}  // namespace patd::cli
