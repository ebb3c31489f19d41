// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include <chrono>
#include <cstddef>
#include <string>
#include <string_view>
#include <unordered_map>

namespace patd::web {

// How often whom was refused, so that a flood of wrong tokens from one place costs patd no more
// than a few. A place is an address (of IPv6 its /64), or whoever is connected. At most
// kHttpAddresses are known; when there are more, half of them are forgotten. Thread rule: one at a
// time.
class Refusals {
  public:
    using Time = std::chrono::steady_clock::time_point;

    // Whether `place` must wait before it is judged again.
    bool is_over(std::string_view place, Time now);
    void count(std::string_view place, Time now);
    std::size_t known() const { return free_at_.size(); }

    // The place of a client at `address`; "" if that is no address.
    static std::string place_of(std::string_view address);

  private:
    void make_room(Time now);

    // When the last of a place's refusals is forgotten.
    std::unordered_map<std::string, Time> free_at_;
};

}  // namespace patd::web
