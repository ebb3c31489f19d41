// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "common/base/clock.h"
#include "common/base/uid.h"

#include <chrono>
#include <cstdint>
#include <map>
#include <string_view>
#include <utility>
#include <vector>

namespace patd {

// Who is being limited, and in what: for `status`, and once a minute for the journal. Keeps the
// newest kLimitedKnown. Thread rule: the loop's thread.
class Limited {
  public:
    enum class What { Connections, Calls, Operations, Descriptors, Checks };

    explicit Limited(const Clock& clock) : clock_(clock) {}

    // Somebody in `lot` (daemon/admission/lots.h) was refused, or gave way.
    void note(Uid lot, What what);

    struct Entry {
        Uid lot;
        What what;
        std::uint64_t count;  // since it began; it ends after ten minutes without any
        std::chrono::seconds ago;
    };
    std::vector<Entry> recent() const;

  private:
    struct Known {
        std::uint64_t count = 0;
        std::chrono::milliseconds last{};
        std::chrono::milliseconds told{};
        std::uint64_t untold = 0;
    };
    using Key = std::pair<Uid, What>;

    void make_room();

    const Clock& clock_;
    std::map<Key, Known> known_;
};

// "connections", "calls", ...
std::string_view limited_name(Limited::What what);

}  // namespace patd
