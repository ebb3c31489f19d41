// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "cli/tools/flat_text.h"

namespace patd::cli::tools {

// A YAML document as it stands in its text. Refused: what libyaml refuses, more than one document,
// a key that comes twice or is no text, more than 64 levels, and aliases, because they would make a
// small file large. Pure.
struct YamlNode {
    std::size_t begin = 0;
    std::size_t end = 0;     // of a mapping or list in lines, where the next thing begins
    std::size_t column = 0;  // of its beginning, from 0
    bool is_flow = false;    // between brackets
    bool is_map = false;
    bool is_list = false;
    std::string key{};  // in a mapping
    std::size_t key_begin = 0;
    std::size_t key_end = 0;  // behind the key, before the colon
    std::string text{};       // of a scalar
    bool is_quoted = false;
    std::vector<YamlNode> members{};

    const YamlNode* find(std::string_view member) const;
    // The text of a member; "" where there is none.
    std::string text_of(std::string_view member) const;
    bool is_nothing() const;  // null, or not even that
};

extern const Format kYaml;
Result<YamlNode> read_yaml(std::string_view text);

}  // namespace patd::cli::tools
