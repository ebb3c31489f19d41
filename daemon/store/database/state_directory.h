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

// The directory that holds the databases: the daemon's own and closed to everybody else. Checks
// come before anything is opened for writing, so that a wrong owner or mode changes no file.
class StateDirectory {
  public:
    // AccessDenied: not a directory of this process's uid, or open to group or others (a symbolic
    // link included). Unavailable: not there.
    static Result<StateDirectory> open(const std::string& path);

    // Holds the directory for this process until the object goes. Busy: another one holds it.
    Result<void> lock();

    const std::string& path() const { return path_; }
    std::string path_of(const std::string& name) const { return path_ + "/" + name; }
    // The size of a file in bytes; nothing when there is none. AccessDenied: it is no regular file
    // of this uid, or it is open to group or others.
    Result<std::optional<std::uint64_t>> size_of(const std::string& name) const;
    // Reads the first bytes of a file; how many tells the result.
    Result<std::size_t> read_start(const std::string& name, std::span<std::uint8_t> bytes) const;
    // Makes an empty file of mode 0600, whatever the umask is.
    Result<void> make_file(const std::string& name) const;
    // Removes a file; one that is not there is fine.
    Result<void> remove_file(const std::string& name) const;
    // Syncs `from`, gives it the name `to`, and syncs the directory.
    Result<void> publish_file(const std::string& from, const std::string& to) const;

  private:
    StateDirectory(std::string path, UniqueFd fd) : path_(std::move(path)), fd_(std::move(fd)) {}

    std::string path_;
    UniqueFd fd_;
};

}  // namespace patd::store
