// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "cli/git/git_config.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace patd::cli {

// What `patctl setup git` writes into a file of git's: one block of lines at its end, between two
// comments. Nothing outside of it is touched, so that the file without its block is the file as it
// was (docs/adr/0034). `patctl setup gateway` has a block of its own; each command knows its own
// alone.
enum class BlockOf { Git, Gateway };

// One section of the block.
struct BlockSection {
    std::string name;                  // as in a key: credential, credential.https://host
    std::vector<std::string> helpers;  // in their order; an empty one forgets those before it
    bool tells_path = false;           // useHttpPath = true

    friend bool operator==(const BlockSection&, const BlockSection&) = default;
};
using BlockSections = std::vector<BlockSection>;

// A file in its three parts. What follows the block goes on in no section of the block's.
struct PartedFile {
    std::string before;
    std::string block;  // its lines, without the two comments; "" with `has_block` false: none
    std::string after;
    bool has_block = false;
    bool made_file = false;  // there was no file before the block

    // The file as it was.
    std::string without() const { return before + after; }
};

// By its last block, where it has several. A file without one, or with one whose end is missing,
// is all `before`. Pure.
PartedFile part_file(std::string_view text, BlockOf whose = BlockOf::Git);

// `text` (none: there is no file) with a block at its end. Pure.
std::string append_block(const std::optional<std::string>& text, const BlockSections& sections);
// The same with lines that are whole already.
std::string append_block(const std::optional<std::string>& text, std::string_view lines,
                         BlockOf whose);

// What git makes of `text` alone, without what it includes: each key with its value, and no scope
// and origin. Unavailable: no git, or it cannot read it.
Result<std::vector<ConfigLine>> read_text(const std::string& text);

// Lines of git's as sections.
BlockSections to_sections(const std::vector<ConfigLine>& lines);

// One line in a section of its own, as git's files have it.
std::string format_line(const ConfigLine& line);

}  // namespace patd::cli
