// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "cli/tools/flat_text.h"

#include <filesystem>
#include <optional>

namespace patd::cli::tools {

// What is to become of one file. None: it is not there.
struct FileChange {
    std::filesystem::path file;
    std::optional<std::string> before{};
    std::optional<std::string> after{};
    std::vector<std::string> shown{};  // FlatChange::lines

    bool changes() const { return before != after; }
};

// The text of a tool's file, behind links; none where there is none. BadFile: it cannot be read, is
// no regular file, or is larger than 1 MiB.
Result<std::optional<std::string>> read_tool_file(const std::filesystem::path& file);

// Makes the folders above `file` that are missing, for their owner alone. BadFile.
Result<void> make_folder_of(const std::filesystem::path& file);

// The values of it; none where there is no file. BadFile, also for what `format` cannot read.
Result<FlatText> read_flat(const std::filesystem::path& file, const Format& format);

struct FileEdit {
    std::filesystem::path file;
    const Format& format;
    std::function<Result<std::string>(const std::string& text)> edit;
    std::function<bool(const std::string& name)> is_ours;
    bool made = false;  // a file that holds nothing after it is to go
};
// Works out what `edit` makes of the file, and has the format's parser prove that no value is
// different but those that are ours. BadFile: it cannot be read, or that is not so.
Result<FileChange> plan_change(const FileEdit& edit);

// Whoever reads it meanwhile finds the old text or the new one; mode, owner and links stay. A new
// file is for its owner alone. BadFile: it cannot be written, or somebody else has changed it.
Result<void> carry_out(const FileChange& change);

}  // namespace patd::cli::tools
