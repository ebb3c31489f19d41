// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "common/base/result.h"
#include "common/base/unique_fd.h"

#include <string>

namespace patd::cli {

// A file that was not there before and that only its owner may read. It gets its name when it is
// kept, so that a half of it is never there, however this process ends; where the file system knows
// no files without a name (vfat), it has it from the beginning, and is removed unless it is kept.
class NewFile {
  public:
    // `shown` is what errors call it. BadFile: it is there already, or cannot be made.
    static Result<NewFile> create(const std::string& path, const std::string& shown);
    NewFile(NewFile&& other) noexcept;
    NewFile& operator=(NewFile&&) = delete;
    ~NewFile();

    int fd() const { return fd_.get(); }
    // Brings it to the disk, with its name. BadFile: the disk refused, or another has taken the
    // name; there is no such file then.
    Result<void> keep();

  private:
    NewFile(std::string path, std::string shown, UniqueFd fd, bool is_named)
        : path_(std::move(path)),
          shown_(std::move(shown)),
          fd_(std::move(fd)),
          is_named_(is_named) {}

    std::string path_;
    std::string shown_;
    UniqueFd fd_;
    bool is_named_;
};

// For reading and writing, in `folder`; it ends with its last descriptor. None: errno says why.
UniqueFd make_nameless_file(const std::string& folder);

}  // namespace patd::cli
