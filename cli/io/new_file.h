// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "common/base/result.h"
#include "common/base/unique_fd.h"

#include <string>

namespace patd::cli {

// A file that was not there before and that only its owner may read. It is removed again unless
// keep() was called.
class NewFile {
  public:
    // Internal: it is there already, or cannot be made.
    static Result<NewFile> create(const std::string& path);
    NewFile(NewFile&& other) noexcept;
    NewFile& operator=(NewFile&&) = delete;
    ~NewFile();

    int fd() const { return fd_.get(); }
    // Brings it to the disk. Internal: the disk refused; the file is removed then.
    Result<void> keep();

  private:
    NewFile(std::string path, UniqueFd fd) : path_(std::move(path)), fd_(std::move(fd)) {}

    std::string path_;
    UniqueFd fd_;
};

}  // namespace patd::cli
