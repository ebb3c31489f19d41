// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "common/bus/done.h"
#include "daemon/operation/step_up_services.h"

#include <chrono>
#include <compare>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace patd {

// Asks patd-auth whether a password that a service was given is a user's service password: a
// step-up whose only prompt is answered at once.
//
// Checks that one caller requests for one name are a lot (docs/adr/0019): only so many run at once,
// the others wait in order, and the lots take turns. A lot that was refused several times in a row
// is slowed down, for everybody who asks through a service, because nobody knows whether that is
// the owner; but never so long that the client gives up. Thread rule: the loop's thread.
class PasswordCheck {
  public:
    PasswordCheck(bus::EventLoop& loop, StepUpServices& services, const Clock& clock)
        : loop_(loop), services_(services), clock_(clock) {}

    // Called with the caller of each check that has no room to wait.
    void on_refused(std::function<void(Uid)> note) { note_refused_ = std::move(note); }

    struct Request {
        Uid caller;              // root: a service, on behalf of whoever typed the password
        std::optional<Uid> uid;  // unset: no owner has this name, and the answer must not tell
        std::string user;
        std::string service;
        std::string rhost;
    };
    // Calls back once: granted, or WrongPassword, Throttled, NoServicePassword (never to a
    // service), Busy, ... LimitExceeded: too many of the lot wait, or it waited longer than its
    // client does.
    void check(const Request& request, PromptAnswer password, Done done);

  private:
    struct Lot {
        Uid caller;
        std::string user;

        friend auto operator<=>(const Lot&, const Lot&) = default;
    };
    struct Conversation;
    using ConversationPtr = std::shared_ptr<Conversation>;
    struct Queue {
        std::size_t under_way = 0;
        std::deque<ConversationPtr> waiting;
    };
    struct Refusals {
        std::size_t in_a_row = 0;
        std::chrono::milliseconds last{0};
        std::chrono::milliseconds next_try{0};
    };
    using Queues = std::map<Lot, Queue>;

    void begin_waiting();
    void forget(const ConversationPtr& conversation);
    // When the first in a queue may begin.
    std::chrono::milliseconds due(const Lot& lot, const Queue& queue) const;
    Queues::iterator next_due();
    void begin_first(Queues::iterator lot);
    Result<void> start(std::uint64_t number, const ConversationPtr& conversation);
    void finish(std::uint64_t number, const Result<void>& outcome);
    void note(const Lot& lot, const Result<void>& outcome);
    bool is_slowed(const Lot& lot) const;

    bus::EventLoop& loop_;
    StepUpServices& services_;
    const Clock& clock_;
    std::function<void(Uid)> note_refused_;
    std::uint64_t last_number_ = 0;
    std::map<std::uint64_t, ConversationPtr> conversations_;  // in progress
    Queues queues_;                                           // of lots that want something
    std::optional<Lot> last_;                                 // whose turn it was
    std::map<Lot, Refusals> refusals_;
    // A StepUp may not die inside its own callback: these go at the next turn of the loop.
    std::vector<ConversationPtr> finished_;
    bus::EventLoop::Source sweep_;
    bus::EventLoop::Source timer_;
};

}  // namespace patd
