// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "common/base/secret_buffer.h"
#include "common/json/json_walk.h"

#include <span>
#include <string_view>
#include <vector>

namespace patd::cli {

// Which line something stands in, also after it was decoded in place.
class LineNumbers {
  public:
    explicit LineNumbers(std::span<const char> text);
    // Of what views the text. The first is 1.
    std::size_t of(std::string_view part) const;

  private:
    const char* begin_;
    std::vector<std::size_t> ends_;
};

// As walk_json, of a file of `tool`'s. MalformedRequest, of which people are told.
Result<void> walk_json_file(std::span<char> text, const char* tool, JsonVisitor& visitor);

std::string_view without_blanks(std::string_view text);

// A name and its value in a file of sections (INI). All views the text.
struct IniEntry {
    std::size_t line = 0;
    std::string_view section = {};  // "": before the first
    std::string_view key = {};
    std::string_view value = {};
    bool continues = false;  // a line indented deeper than its key's, which belongs to the value
};
// Whether its key is that name, which is in lower case: they are the same in any case.
bool is_key(const IniEntry& entry, std::string_view name);

// Takes such files apart as Python's configparser does, which aws and pip read with: lines that
// begin with # or ; are comments, = or : ends a key. MalformedRequest, with the line: a line that
// is none of these.
Result<std::vector<IniEntry>> read_ini(std::string_view text);

// Decodes plain base64, with or without its padding. MalformedRequest.
Result<SecretBuffer> decode_base64(std::string_view text);

// USER:PASSWORD at the first colon; false where there is none. Views `both`.
bool divide_basic(const SecretBuffer& both, std::string_view& username, std::string_view& password);

}  // namespace patd::cli
