// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include <sys/resource.h>
#include <unistd.h>

#include <stdexcept>

namespace patd::support {

// While it lives, this process gets no descriptor: whatever needs one fails with EMFILE. Not for a
// sanitizer's build whose run-time library inspects memory meanwhile.
class NoDescriptors {
  public:
    NoDescriptors() {
        const int next = dup(STDIN_FILENO);
        if (next < 0 || getrlimit(RLIMIT_NOFILE, &before_) != 0)
            throw std::runtime_error("no descriptor to begin with");
        ::close(next);
        const rlimit none{static_cast<rlim_t>(next), before_.rlim_max};
        setrlimit(RLIMIT_NOFILE, &none);
    }
    ~NoDescriptors() { setrlimit(RLIMIT_NOFILE, &before_); }
    NoDescriptors(const NoDescriptors&) = delete;
    NoDescriptors& operator=(const NoDescriptors&) = delete;

  private:
    rlimit before_{};
};

}  // namespace patd::support
