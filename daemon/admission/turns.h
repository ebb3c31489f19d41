// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "common/base/uid.h"
#include "common/bus/event_loop.h"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <optional>

namespace patd {

// Who does something next (docs/adr/0018): lots take turns, and what one lot wants done is done in
// the order in which it came. A lot is a uid, or all strangers together (daemon/admission/lots.h).
// The same turns serve the line socket and the bus, so that nobody gains by using both.
//
// A turn has a budget of time (kTurnBudget). A lot that went over it, because no step can be
// interrupted, sits out as many turns as that was, as long as another lot wants something.
// Thread rule: the loop's thread.
class Turns {
  public:
    // Whether a step is to be called again. A step has a bounded size, whatever its client sent:
    // what takes longer says More and goes on from there. One that throws is dropped with what it
    // holds, and the others go on.
    enum class Progress { More, Finished };
    using Step = std::function<Progress()>;
    using LotOf = std::function<Uid(Uid)>;
    // Any time that only goes forward.
    using Stopwatch = std::function<std::chrono::nanoseconds()>;

    // `lot_of`: which lot a uid is in now; by default each is its own.
    explicit Turns(bus::EventLoop& loop, LotOf lot_of = {}, Stopwatch stopwatch = {});

    // A request of `uid` that waits for its turn. How many there may be is limited before: by
    // connections, or by a Quota.
    void add(Uid uid, Step step);
    // Work that one request goes on with: kStepsAtOnce steps at once, more while the turn that runs
    // now has time, and the rest in turns to come. Of a lot's works the first is finished before
    // the second begins, so that only one of them has memory that its client chose; its other
    // requests go on meanwhile.
    void work(Uid uid, Step step);

    // What was spent on `uid` before its turn, such as on the reading of what it sent. A lot that
    // wants something owes it, also where no other lot does: whoever reads on its behalf has others
    // to read for.
    void charge(Uid uid, std::chrono::nanoseconds spent);

    // Gives each lot that wants something one turn, for kRoundBudget at most: who came meanwhile
    // is to be heard. Needs no call where the loop waits in itself (see drive).
    void run_round();
    bool is_idle() const { return lots_.empty(); }
    // Whether the turn that runs now may do one more thing; a step that asks can do several.
    bool has_time() const { return in_turn_ && stopwatch_() < turn_ends_; }
    Uid lot_of(Uid uid) const { return lot_of_ ? lot_of_(uid) : uid; }
    // From now on only who calls run_round makes turns, and not also the loop.
    void drive(bool by_caller) { driven_ = by_caller; }

    // How many steps were made: what tests go by, which must not look at a clock.
    std::uint64_t steps() const { return steps_; }

  private:
    struct Lot {
        std::deque<Step> requests;
        std::deque<Step> works;
        std::chrono::nanoseconds debt{};
        bool works_next = false;

        bool is_empty() const { return requests.empty() && works.empty(); }
    };
    using LotsByUid = std::map<Uid, Lot>;

    void schedule();
    Progress run_step(const Step& step);
    bool may_tell();
    // The next step of the lot.
    void run_next(Lot& lot);
    // One turn of the lot.
    void take_turn(Lot& lot);

    bus::EventLoop& loop_;
    LotOf lot_of_;
    Stopwatch stopwatch_;
    LotsByUid lots_;         // those that want something
    Uid last_{0xffffffffU};  // whose turn it was; at first nobody's
    std::uint64_t steps_ = 0;
    bool in_turn_ = false;
    std::chrono::nanoseconds turn_ends_{};
    bool charged_ = false;  // somebody, since the last round
    bool driven_ = false;
    bool scheduled_ = false;
    std::optional<std::chrono::nanoseconds> told_;  // when the journal was, of one that threw
    bus::EventLoop::Source next_round_;
};

}  // namespace patd
