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
    // `shown` is what errors call it. BadFile: it is there already, or cannot be made.
    static Result<NewFile> create(const std::string& path, const std::string& shown);
    NewFile(NewFile&& other) noexcept;
    NewFile& operator=(NewFile&&) = delete;
    ~NewFile();

    int fd() const { return fd_.get(); }
    // Brings it to the disk. BadFile: the disk refused; the file is removed then.
    Result<void> keep();

  private:
    NewFile(std::string path, std::string shown, UniqueFd fd)
        : path_(std::move(path)), shown_(std::move(shown)), fd_(std::move(fd)) {}

    std::string path_;
    std::string shown_;
    UniqueFd fd_;
};

}  // namespace patd::cli
