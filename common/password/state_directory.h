// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "common/base/result.h"
#include "common/base/uid.h"
#include "common/base/unique_fd.h"

#include <span>
#include <string>

namespace patd::password {

// The directory that holds the service-password hashes (docs/step-up-protocol.md). It and
// everything in it belong to one owner, and nobody else has access. Nothing is opened through a
// symbolic link.
class StateDirectory {
  public:
    // Unavailable if it does not exist, if its owner is not the effective uid (root may use any),
    // or if anyone but the owner has access.
    static Result<StateDirectory> open(const std::string& path);

    Uid owner() const { return owner_; }

    // Opens `name` for reading. NotFound; Corrupt if it is not a regular file of the owner or root,
    // or if others have access.
    Result<UniqueFd> open_file(const std::string& name) const;
    // Opens `name` for reading and writing; creates it (0600) if it does not exist.
    Result<UniqueFd> open_or_create(const std::string& name) const;
    // Replaces the content of `name` with `bytes` atomically: a reader, or a machine that stops,
    // finds the old content or the new. Synced when this returns.
    Result<void> replace_file(const std::string& name, std::span<const char> bytes) const;
    // The directory `name` in this one; created (0700) if it does not exist.
    Result<StateDirectory> ensure_directory(const std::string& name) const;

  private:
    StateDirectory(UniqueFd fd, Uid owner) : fd_(std::move(fd)), owner_(owner) {}

    static Result<StateDirectory> adopt(UniqueFd fd);
    Result<void> give_to_owner(int fd) const;
    // Named `name`, with nothing in it; locked until it is closed.
    Result<UniqueFd> create_locked(const std::string& name) const;
    Result<void> write_new(int fd, std::span<const char> bytes) const;
    void remove_left_behind() const;

    UniqueFd fd_;
    Uid owner_;
};

}  // namespace patd::password
