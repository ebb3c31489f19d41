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

// The uids that users may give to their processes (subuid(5)), 65,536 each, and that root may give
// to containers: a caller with one of these most likely has no account.
// Thread rule: one thread at a time.
class SubUids {
  public:
    SubUids() = default;
    // Parses the text of such a file; a malformed line is skipped.
    static SubUids parse(std::string_view text);
    // /etc/subuid below `root` ("" is /); empty if there is none. Blocks on the disk.
    static SubUids read(const std::string& root);

    bool contains(Uid uid) const;

  private:
    using Ranges = std::vector<std::pair<std::uint32_t, std::uint32_t>>;  // first and last
    explicit SubUids(Ranges ranges) : ranges_(std::move(ranges)) {}

    Ranges ranges_;  // sorted, without overlaps
};

}  // namespace patd
