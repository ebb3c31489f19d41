// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "cli/tools/tool_file.h"

#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace patd::cli::tools {

// What `patctl setup` wrote for each tool, or was about to write, so that `doctor` notices what
// others took out, and
// `--undo` knows the files that were not there before. It holds names alone and is not needed: all
// else is read in the tools' own files.
struct SetupRecord {
    struct Entry {
        std::vector<std::string> places{};
        std::vector<std::string> made{};  // files, and lines that could be anybody's
    };
    std::filesystem::path file{};
    std::map<std::string, Entry> tools{};

    // An empty one where there is none, or it cannot be read.
    static SetupRecord read(const std::filesystem::path& file);
    bool has_made(const std::string& tool, const std::filesystem::path& made) const;
    // Errors: as carry_out.
    Result<void> write() const;
};

}  // namespace patd::cli::tools
