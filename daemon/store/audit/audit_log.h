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
    std::optional<Uid> owner = {};  // unset: everybody's
    std::optional<TokenId> token = {};
    std::size_t limit = 100;
    UnixTime since = 0;                                     // the first second included
    UnixTime until = std::numeric_limits<UnixTime>::max();  // the first second excluded
    std::optional<std::string> unit = {};                   // unset: any unit, or none
};

// The events of a change in progress.
struct BegunEvents {
    std::int64_t first = 0;  // seq
    std::int64_t last = -1;
};

class AuditLog;

// Reads the log from the newest event to the oldest, a bounded number of rows at a time whatever
// the query: rows that do not match count too. Does not see what is appended meanwhile. The log
// must outlive it. Thread rule: that of AuditLog::append.
class EventWalk {
  public:
    // The matches among the next rows; may be empty before the end.
    Result<std::vector<Event>> next();
    bool ended() const { return ended_; }

  private:
    friend class AuditLog;
    EventWalk(AuditLog& log, EventQuery query)
        : log_(&log), query_(std::move(query)), ended_(query_.limit == 0) {}
    std::size_t left() const { return query_.limit - found_; }

    AuditLog* log_;
    EventQuery query_;
    std::int64_t before_ = std::numeric_limits<std::int64_t>::max();  // seq of the last row read
    std::size_t found_ = 0;
    bool ended_;
};

// The audit log, audit.db next to the store: its own database, so that a release never waits for a
// disk sync and a change of the store never waits for the log. An owner's newest events are kept,
// in separate shares: the owner's own acts, uses of their tokens, and refusals to others
// (docs/store-format.md). Errors: Unavailable, Corrupt, AccessDenied.
class AuditLog {
  public:
    static Result<std::unique_ptr<AuditLog>> open(const std::string& directory);
    ~AuditLog();

    // Thread rule: the thread that called open. Written when it returns, so that a crash of the
    // process loses nothing; on disk after the next sync().
    Result<void> append(const Event& event);
    // All or none of them, in the time of a few: many events must not hold the loop up.
    Result<void> append_all(std::span<const Event> events);
    // Writes all that can be written: a failing event affects no other. Returns one failure's
    // error.
    Result<void> append_each(std::span<const Event> events);
    // Like append_all, for a coming change: the events are in the log, with the outcome "begun",
    // before the change is made, and later say what came of it. So no change is ever without its
    // event; one whose end was never recorded (the process died) stays "begun".
    Result<BegunEvents> begin(std::vector<Event> events);
    Result<void> end(const BegunEvents& begun, std::string_view outcome);
    // Nothing was attempted, so nothing is to be recorded.
    Result<void> withdraw(const BegunEvents& begun);
    // How many of an owner's own events are kept from now on (kEventsPerUser at first), and of
    // others in proportion; the excess goes with the owner's next events.
    void keep_events(std::size_t per_owner);
    // Frees the database pages that appending caches; the next append reads them again.
    void release_memory();

    // The matches of `query`, newest first: in steps, or all at once if nobody is waiting.
    EventWalk walk(EventQuery query);
    Result<std::vector<Event>> list(const EventQuery& query);

    // Thread rule: any one other thread. Brings everything appended so far to disk; costs nothing
    // if it is already there.
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
