// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "common/token/token.h"

#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace patd::store {

// One thing that happened to an owner's tokens. Never holds a secret.
struct Event {
    UnixTime at = 0;
    Uid owner;
    std::optional<TokenId> token;
    Uid by;                   // effective uid of the caller
    std::string event;        // create import edit regenerate delete remove-all lock unlock confirm
                              // password release verify store erase alarm
    std::string outcome;      // "ok", an errc_name, a reason of a refused verify, "begun" (see
                              // AuditLog::begin), or "many": what was refused in a minute beyond
                              // the rows that it may have
    std::string where;        // a target, a PAM service, ...; at most kAuditTextBytes, cut here
    std::uint32_t count = 1;  // verifies and alarms of one minute are one event
    std::string unit = {};    // of the caller, where it was asked for; else ""
};

// Which events to list.
struct EventQuery {
    std::optional<Uid> owner = {};  // none: of everybody
    std::optional<TokenId> token = {};
    std::size_t limit = 100;
    UnixTime since = 0;                                     // the first second that counts
    UnixTime until = std::numeric_limits<UnixTime>::max();  // the first one that does not
    std::optional<std::string> unit = {};                   // none: of any unit, and of none
};

// The events of something that is being changed.
struct BegunEvents {
    std::int64_t first = 0;  // seq
    std::int64_t last = -1;
};

class AuditLog;

// Goes through the log from the newest event to the oldest, a bounded number of rows at a time
// whatever the query is: those that it does not ask for are looked at too. What is appended
// meanwhile is not seen. The log must outlive it. Thread rule: that of AuditLog::append.
class EventWalk {
  public:
    // What the next rows have of what was asked for; it may be nothing before the end.
    Result<std::vector<Event>> next();
    bool ended() const { return ended_; }

  private:
    friend class AuditLog;
    EventWalk(AuditLog& log, EventQuery query)
        : log_(&log), query_(std::move(query)), ended_(query_.limit == 0) {}
    std::size_t left() const { return query_.limit - found_; }

    AuditLog* log_;
    EventQuery query_;
    std::int64_t before_ =
        std::numeric_limits<std::int64_t>::max();  // seq of the row looked at last
    std::size_t found_ = 0;
    bool ended_;
};

// The audit log, audit.db beside the store: a database of its own, so that a release never waits
// for a disk sync and a change of the store never waits for the log. The newest events of an owner
// are kept: of what he did, of uses of his tokens, and of what was refused to others, each among
// themselves (docs/store-format.md). Errors: Unavailable, Corrupt, AccessDenied.
class AuditLog {
  public:
    static Result<std::unique_ptr<AuditLog>> open(const std::string& directory);
    ~AuditLog();

    // Thread rule: the thread that called open. Written when it returns, so that a crash of the
    // process loses nothing; on the disk after the next sync().
    Result<void> append(const Event& event);
    // All of them or none, in the time of a few: who has many must not hold the loop up.
    Result<void> append_all(std::span<const Event> events);
    // All of them that can be written: one that cannot takes no other with it. The error of such a
    // one.
    Result<void> append_each(std::span<const Event> events);
    // The same as append_all, of what is about to be changed: the events stand in the log, with the
    // outcome "begun", before the change is made, and say later what came of it. So no change is
    // ever without its event; one whose end was not told (the process died) stays "begun".
    Result<BegunEvents> begin(std::vector<Event> events);
    Result<void> end(const BegunEvents& begun, std::string_view outcome);
    // Nothing was tried, and nothing is to be told.
    Result<void> withdraw(const BegunEvents& begun);
    // How many events of an owner's own are kept from now on (kEventsPerUser at first), and of
    // others in proportion; more than that go with the owner's next events.
    void keep_events(std::size_t per_owner);
    // Gives back the pages of the database that appending keeps; the next one reads them again.
    void release_memory();

    // What `query` asks for, newest first: in steps, or all of it for whom nobody waits.
    EventWalk walk(EventQuery query);
    Result<std::vector<Event>> list(const EventQuery& query);

    // Thread rule: any one other thread. Brings everything appended so far to the disk; at no cost
    // where it is there.
    Result<void> sync_events();
    // The same, and tidies up.
    Result<void> sync();

  private:
    friend class EventWalk;
    struct State;
    explicit AuditLog(std::unique_ptr<State> state);

    std::unique_ptr<State> state_;
};

}  // namespace patd::store
