// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "common/token/permission.h"

#include <cstddef>
#include <cstdint>
#include <map>
#include <string_view>
#include <utility>
#include <vector>

namespace patd {

// Finds the best of some lists of permissions: those that contain no other one, and among these the
// ones with the fewest permissions. (Both at once would not be an order.) An empty list says
// nothing about what may be done: it lies inside none, and is only as good as another empty one.
//
// An owner decides how many lists there are and what they hold, so this runs in steps of a bounded
// size. Permissions become the bits of a number such that a permission is followed by everything
// that it covers, equal lists become one, and only sets that cover less are searched.
class Narrowest {
  public:
    // `list` must stay unchanged until the last step.
    void add(const PermissionList& list) { lists_.push_back({&list, {}}); }
    // Makes about kComparisonsPerStep comparisons. False: that was the last step.
    bool step();
    // After the last step: about the list that was added as the `index`-th.
    bool is_best(std::size_t index) const { return best_[index]; }

  private:
    // A permission's position among all: the following ones, up to `end`, are those that it covers.
    struct Place {
        std::size_t rank = 0;
        std::size_t end = 0;
    };
    // Places what a permission covers right behind it.
    struct SegmentOrder {
        bool operator()(std::string_view a, std::string_view b) const;
    };
    using Places = std::map<std::string_view, Place, SegmentOrder>;
    struct List {
        const PermissionList* permissions;
        std::vector<const Place*> places;
    };
    // Equal lists, ordered by how much they cover.
    struct Key {
        std::size_t covered;
        std::size_t size;
        std::vector<std::size_t> ranks;

        friend auto operator<=>(const Key&, const Key&) = default;
    };
    struct Set {
        std::vector<const Place*> places;
        std::vector<std::pair<std::size_t, std::uint64_t>> words;  // of the places' bits, by index
        std::vector<std::size_t> members;                          // in lists_
    };
    using Sets = std::map<Key, Set>;
    enum class Phase { Name, Rank, Gather, Compare, Finished };

    // Each does one bit of its phase, and returns how many comparisons that took.
    std::size_t name_next();
    std::size_t rank_next();
    std::size_t gather_next();
    std::size_t compare_next();
    void begin_comparing();
    // Sets the bits of everything that the set covers.
    std::size_t spread(const Sets::value_type& set);
    bool is_inside(const Set& set, std::size_t& comparisons) const;
    void end_set(bool is_beaten);

    std::vector<List> lists_;
    std::vector<bool> best_;
    Phase phase_ = Phase::Name;
    std::size_t next_ = 0;  // among the phase's lists or sets
    Places places_;
    Places::iterator next_place_;
    std::vector<Places::iterator> open_;  // those that may cover the next place
    std::size_t ranked_ = 0;
    Sets sets_;
    std::vector<const Sets::value_type*> by_covered_;
    std::vector<const Sets::value_type*> by_size_;
    std::vector<std::uint64_t> spread_;  // of by_size_[next_]
    std::size_t other_ = 0;              // in by_covered_, the next to compare with it
    std::size_t best_size_ = 0;          // 0: none found yet
};

}  // namespace patd
