// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "common/base/result.h"
#include "common/base/unique_fd.h"

#include <cstdint>
#include <optional>
#include <span>
#include <string>

namespace patd::store {

// The directory that holds the databases: owned by the daemon and closed to everybody else. It is
// checked before anything is opened for writing, so that a wrong owner or mode changes no file.
class StateDirectory {
  public:
    // AccessDenied: not a directory of this process's uid, or accessible to group or others (a
    // symbolic link included). Unavailable: it does not exist.
    static Result<StateDirectory> open(const std::string& path);

    // Holds the directory for this process as long as the object lives. Busy: another process holds
    // it.
    Result<void> lock();

    const std::string& path() const { return path_; }
    std::string path_of(const std::string& name) const { return path_ + "/" + name; }
    // The size of a file in bytes; nothing if it does not exist. AccessDenied: not a regular file
    // of this uid, or accessible to group or others.
    Result<std::optional<std::uint64_t>> size_of(const std::string& name) const;
    // Reads the first bytes of a file; returns how many.
    Result<std::size_t> read_start(const std::string& name, std::span<std::uint8_t> bytes) const;
    // Creates an empty file of mode 0600, whatever the umask.
    Result<void> make_file(const std::string& name) const;
    // Removes a file; a missing one is no error.
    Result<void> remove_file(const std::string& name) const;
    // Syncs `from`, renames it to `to`, and syncs the directory.
    Result<void> publish_file(const std::string& from, const std::string& to) const;

  private:
    StateDirectory(std::string path, UniqueFd fd) : path_(std::move(path)), fd_(std::move(fd)) {}

    std::string path_;
    UniqueFd fd_;
};

}  // namespace patd::store
