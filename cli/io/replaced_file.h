// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "common/base/unique_fd.h"

#include <signal.h>

#include <filesystem>
#include <optional>
#include <string>
#include <utility>

namespace patd::cli {

// How a file is put in another's place so that whoever reads it finds the old text or the new one,
// and everything else stays as it was.

// The file behind links, which need not be there yet.
std::filesystem::path resolve_links(std::filesystem::path file);

// Gives the open file `to` the mode, owner and access list of `from`; of one that is not there,
// `mode` less the umask. To be called before anything is written: what it will hold may be for its
// owner alone. False: it would be readable for others than before.
bool take_over(const char* from, int to, mode_t mode);

// A new file, for its owner alone, beside one whose place it is to take. It is removed unless it
// was renamed; what a process that was killed has left is known by the lock that nobody holds any
// more.
class BesideFile {
  public:
    // Nothing: errno says why.
    static std::optional<BesideFile> create(const std::filesystem::path& file);
    BesideFile(BesideFile&& other) noexcept;
    BesideFile& operator=(BesideFile&&) = delete;
    ~BesideFile();

    int fd() const { return fd_.get(); }
    const std::string& name() const { return name_; }

  private:
    BesideFile(std::string name, UniqueFd fd) : name_(std::move(name)), fd_(std::move(fd)) {}

    std::string name_;  // "": moved from
    UniqueFd fd_;
};

// Removes what was left beside `file`, and `lock` where that is another name of it.
void remove_left_beside(const std::filesystem::path& file, const std::string& lock = {});

// Holds back the signals that end a program, in this thread, so that none leaves a half of it
// behind. The mask of before, which the caller sets again.
sigset_t block_ends();

}  // namespace patd::cli
