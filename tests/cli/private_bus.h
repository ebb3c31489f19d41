// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "common/base/unique_fd.h"

#include <sys/types.h>

#include <filesystem>
#include <string>

namespace patd::cli {

// A dbus-daemon of the test's own on which everybody may own every name: the worst case for a
// client. It ends with the object.
class PrivateBus {
  public:
    PrivateBus();
    PrivateBus(const PrivateBus&) = delete;
    PrivateBus& operator=(const PrivateBus&) = delete;
    ~PrivateBus();

    const std::string& address() const { return address_; }
    // What the bus runs when somebody wants the service.
    void start_with(const std::string& command) const;

  private:
    std::filesystem::path folder_;
    std::string address_;
    pid_t daemon_ = -1;
};

// Somebody else's process that owns the service's name and counts what is sent to it.
class Squatter {
  public:
    Squatter(const std::string& address, uid_t uid);
    Squatter(const Squatter&) = delete;
    Squatter& operator=(const Squatter&) = delete;

    // Ends it. How many method calls it got; -1 when it could not take the name.
    int finish();

  private:
    UniqueFd alive_;
    pid_t process_ = -1;
};

}  // namespace patd::cli
