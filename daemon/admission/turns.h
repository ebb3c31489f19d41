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

// Who goes next (docs/adr/0018): lots take turns, and one lot's requests run in the order in which
// they came. A lot is a uid, or all strangers together (daemon/admission/lots.h). The line socket
// and the bus share the same turns, so that nobody gains by using both.
//
// A turn has a time budget (kTurnBudget). A step cannot be interrupted, so a lot that exceeds its
// budget sits out as many turns as the excess is worth, while another lot wants something.
// Thread rule: the loop's thread.
class Turns {
  public:
    // Whether a step is to be called again. A step has a bounded size, whatever its client sent:
    // longer work returns More and continues from there. A step that throws is dropped with what it
    // holds, and the others go on.
    enum class Progress { More, Finished };
    using Step = std::function<Progress()>;
    using LotOf = std::function<Uid(Uid)>;
    // Any time that only goes forward.
    using Stopwatch = std::function<std::chrono::nanoseconds()>;

    // `lot_of` gives a uid's current lot; by default each uid is its own.
    explicit Turns(bus::EventLoop& loop, LotOf lot_of = {}, Stopwatch stopwatch = {});

    // Queues a request of `uid` until its turn. The number of requests must be limited beforehand:
    // by connections, or by a Quota.
    void add(Uid uid, Step step);
    // Long work of one request: kStepsAtOnce steps at once, more while the current turn has time,
    // the rest in later turns. A lot's works run one after the other, so that only one of them
    // holds memory whose size its client chose; its other requests go on meanwhile.
    void work(Uid uid, Step step);

    // Charges `uid` for time spent before its turn, such as reading what it sent. A lot that wants
    // something owes it even if no other lot does: the reader has others to read for.
    void charge(Uid uid, std::chrono::nanoseconds spent);

    // Gives each lot that wants something one turn, for kRoundBudget at most: new arrivals must be
    // heard. Need not be called when the loop waits by itself (see drive).
    void run_round();
    bool is_idle() const { return lots_.empty(); }
    // Whether the current turn has time for one more thing; a step that asks can do several.
    bool has_time() const { return in_turn_ && stopwatch_() < turn_ends_; }
    Uid lot_of(Uid uid) const { return lot_of_ ? lot_of_(uid) : uid; }
    // From now on only calls of run_round make turns, not the loop as well.
    void drive(bool by_caller) { driven_ = by_caller; }

    // The number of steps run: tests use it, because they must not look at a clock.
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
    bool may_log();
    // Runs the lot's next step.
    void run_next(Lot& lot);
    // Gives the lot one turn.
    void take_turn(Lot& lot);

    bus::EventLoop& loop_;
    LotOf lot_of_;
    Stopwatch stopwatch_;
    LotsByUid lots_;         // those that want something
    Uid last_{0xffffffffU};  // whose turn it was; at first nobody's
    std::uint64_t steps_ = 0;
    bool in_turn_ = false;
    std::chrono::nanoseconds turn_ends_{};
    bool charged_ = false;  // whether somebody was, since the last round
    bool driven_ = false;
    bool scheduled_ = false;
    std::optional<std::chrono::nanoseconds> told_;  // when the journal last reported a throw
    bus::EventLoop::Source next_round_;
};

}  // namespace patd
