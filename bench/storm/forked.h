// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "common/base/uid.h"

#include <sys/types.h>

#include <chrono>
#include <functional>

namespace patd::bench {

// A copy of this process, under another uid and without groups, that runs `body`. It ends with this
// object or this process, and by itself after `longest`.
class Forked {
  public:
    Forked(Uid uid, std::chrono::seconds longest, const std::function<void()>& body);
    ~Forked();
    Forked(Forked&& other) noexcept;
    Forked& operator=(Forked&&) = delete;
    Forked(const Forked&) = delete;
    Forked& operator=(const Forked&) = delete;

    // Whether `body` has returned or thrown, or the process was ended.
    bool has_ended();

  private:
    pid_t pid_ = -1;
};

}  // namespace patd::bench
