// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "daemon/store/audit/event.h"

#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace patd::store {

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
    EventWalk(AuditLog& log, EventQuery query, std::int64_t before)
        : log_(&log), query_(std::move(query)), before_(before), ended_(query_.limit == 0) {}
    std::size_t left() const { return query_.limit - found_; }

    AuditLog* log_;
    EventQuery query_;
    std::int64_t before_;  // seq of the last row read
    bool has_begun_ = false;
    std::size_t found_ = 0;
    bool ended_;
};

// The audit log, audit.db next to the store, with its journal (event_journal.h): its own database,
// so that a release never waits for a disk sync and a change of the store never waits for the log.
// An owner's newest events are kept, in separate shares: the owner's own acts, uses of their
// tokens, and refusals to others (docs/store-format.md). Errors: Unavailable, Corrupt,
// AccessDenied.
class AuditLog {
  public:
    static Result<std::unique_ptr<AuditLog>> open(const std::string& directory);
    ~AuditLog();

    // Thread rule: the thread that called open. Written when it returns, so that a crash of the
    // process loses nothing; on disk after the next sync().
    Result<void> append(const Event& event);
    // Likewise, but with one write(2) to the journal, from which the syncing thread takes it to
    // audit.db; for what happens often. Readers see it at once.
    Result<void> append_soon(Event event);
    // It is time to call sync(), earlier than in a second. Never while the journal cannot be
    // folded.
    bool is_journal_filling();
    // Nothing was appended since the last sync(), and it left nothing in the journal.
    bool is_synced() const;
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
    // Frees the database pages that appending caches; the next append reads them again. Does
    // nothing while the other thread uses the database.
    void release_memory();

    // The matches of `query`, newest first: in steps, or all at once if nobody is waiting.
    EventWalk walk(EventQuery query);
    Result<std::vector<Event>> list(const EventQuery& query);

    // Thread rule: any one other thread. Brings everything appended so far to disk; costs nothing
    // if it is already there. What audit.db cannot take is synced in the journal: that is no error,
    // is logged once until audit.db takes it, and leaves the log unsynced.
    Result<void> sync_events();
    // The same, but that is an error: for who reads audit.db next.
    Result<void> sync_database();
    // The same, and tidies up.
    Result<void> sync();

  private:
    friend class EventWalk;
    struct State;
    explicit AuditLog(std::unique_ptr<State> state);

    std::unique_ptr<State> state_;
};

}  // namespace patd::store
