// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "cli/tools/flat_text.h"

namespace patd::cli::tools {

// A JSON file that people have formatted: a member is put in or taken out where it stands, and
// every other byte stays. Refused: what is no JSON, anything but an object, a key that comes twice,
// more than 64 levels. Pure.
extern const Format kJson;

// A text member of the file's object, or of an object in it.
struct JsonMember {
    std::string_view section;  // "": of the file's own object
    std::string_view key;
};

// `text` with the member, whose value holds nothing that JSON would escape; the section is made
// where there is none. BadFile: there is such a key, or the section is no object.
Result<std::string> with_member(const std::string& text, const JsonMember& member,
                                std::string_view value);
// Without it, and without a section that has no other.
Result<std::string> without_member(const std::string& text, const JsonMember& member);

// The text of a member; none where there is none, or it is no text.
std::string text_of(const FlatText& flat, const JsonMember& member);
// The keys of the texts in an object that have this value.
std::vector<std::string> keys_with(const std::string& text, std::string_view section,
                                   std::string_view value);

}  // namespace patd::cli::tools
