// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "common/base/result.h"
#include "common/base/uid.h"
#include "common/base/unique_fd.h"

#include <span>
#include <string>

namespace patd::password {

// The directory that holds the service-password hashes (docs/step-up-protocol.md). It and all in it
// belong to one owner and nobody else may look in. Nothing is opened through a symbolic link.
class StateDirectory {
  public:
    // Unavailable when it is not there, when it belongs to another than the effective uid (root may
    // use any), or when others than the owner have any access.
    static Result<StateDirectory> open(const std::string& path);

    Uid owner() const { return owner_; }

    // Opens `name` for reading. NotFound; Corrupt when it is no regular file of the owner's or
    // root's, or when others have any access.
    Result<UniqueFd> open_file(const std::string& name) const;
    // Opens `name` for reading and writing and makes it (0600) when it is not there.
    Result<UniqueFd> open_or_create(const std::string& name) const;
    // Replaces `name` by `bytes` in one step: a reader, or a machine that stops, finds the old
    // content or the new. Synced when this returns.
    Result<void> replace_file(const std::string& name, std::span<const char> bytes) const;
    // The directory `name` in this one, made (0700) when it is not there.
    Result<StateDirectory> ensure_directory(const std::string& name) const;

  private:
    StateDirectory(UniqueFd fd, Uid owner) : fd_(std::move(fd)), owner_(owner) {}

    static Result<StateDirectory> adopt(UniqueFd fd);
    Result<void> give_to_owner(int fd) const;
    Result<void> write_new(const std::string& name, std::span<const char> bytes) const;

    UniqueFd fd_;
    Uid owner_;
};

}  // namespace patd::password
