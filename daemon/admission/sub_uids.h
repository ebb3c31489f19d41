// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "common/base/uid.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace patd {

// The uids that users may give to processes of theirs (subuid(5)), 65,536 each, and root to those
// of his containers: whoever comes with one of these is most likely no account.
// Thread rule: one thread at a time.
class SubUids {
  public:
    SubUids() = default;
    // What the text of such a file says; a line that is none is left out.
    static SubUids parse(std::string_view text);
    // /etc/subuid below `root` ("" is /); none where it is not there. Blocks on the disk.
    static SubUids read(const std::string& root);

    bool contains(Uid uid) const;

  private:
    using Ranges = std::vector<std::pair<std::uint32_t, std::uint32_t>>;  // first and last
    explicit SubUids(Ranges ranges) : ranges_(std::move(ranges)) {}

    Ranges ranges_;  // sorted, without overlaps
};

}  // namespace patd
