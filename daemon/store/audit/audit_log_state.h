// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "common/base/service_limits.h"
#include "common/base/unique_fd.h"
#include "daemon/store/audit/audit_log.h"
#include "daemon/store/audit/event_journal.h"
#include "daemon/store/audit/event_share.h"
#include "daemon/store/database/sqlite.h"

#include <array>
#include <atomic>
#include <deque>
#include <mutex>
#include <optional>
#include <span>
#include <unordered_map>
#include <utility>
#include <vector>

namespace patd::store {

// A row in the order of audit_sql.h. Corrupt: a column has the wrong type.
Result<Event> read_event(Query& query);

// The inside of AuditLog: audit_log.cc appends, reads and syncs, audit_fold.cc brings the journal's
// events into audit.db.
struct AuditLog::State {
    struct Files {
        UniqueFd wal;    // of audit.db
        UniqueFd names;  // the directory
    };
    State(Connection appending, Connection checkpointing, Files files, EventJournal opened)
        : append(std::move(appending)),
          checkpoint(std::move(checkpointing)),
          wal(std::move(files.wal)),
          names(std::move(files.names)),
          journal(std::move(opened)) {}

    std::mutex database;  // guards the next two; held for a few events at a time
    Connection append;
    // Per owner and share, once counted.
    std::unordered_map<std::uint32_t, std::array<std::optional<std::size_t>, kShares>> counts;

    Connection checkpoint;  // of the syncing thread
    UniqueFd wal;
    UniqueFd names;  // until they are on disk

    std::mutex journaling;  // guards the next two; may be taken while `database` is held
    EventJournal journal;
    std::deque<NumberedEvent> waiting;  // in the journal, but not in audit.db yet

    std::int64_t next_seq = 1;  // of the appending thread
    std::atomic<int> since_checkpoint{0};
    std::atomic<bool> unsynced{true};
    std::atomic<bool> is_folding_failing{false};
    bool is_wal_doubted = false;          // used by the syncing thread
    std::size_t journal_doubted_for = 0;  // likewise: how often it is to be emptied yet
    std::atomic<std::size_t> events_per_owner{limits::kEventsPerUser};

    Result<std::size_t*> count_of(Uid owner, EventShare share);
    Result<void> insert(const NumberedEvent& numbered, EventShare share);
    // The next row; `database` is held.
    Result<void> put(const NumberedEvent& numbered);
    Result<void> put_all(std::span<const NumberedEvent> events);
    std::vector<NumberedEvent> number(std::vector<Event> events);
    Result<void> prune(Uid owner, EventShare share, std::size_t excess);
    // Writes the oldest that are waiting to audit.db; false: there are none.
    Result<bool> fold_some();
    Result<bool> try_to_fold_some();
    Result<void> fold();
    std::optional<std::int64_t> first_waiting();
    // What an earlier process left in the journal.
    Result<void> replay();
    // Whether the row with its number is this event; none: no row has it.
    Result<std::optional<bool>> is_row(const NumberedEvent& numbered);
    Result<void> number_again(std::span<NumberedEvent> events);
    Result<std::int64_t> last_seq();
    struct Synced {
        Result<void> folded = {};
        Result<void> on_disk = {};
    };
    Synced bring_to_disk();
    Result<void> empty_journal();
    Result<void> sync_journal();
    Result<void> sync_names();
    Result<void> sync_wal();
    // Whether nothing is in audit.db that may not be on disk: after an orderly end.
    bool is_wal_empty() const;
    Result<void> leave_wal();
};

}  // namespace patd::store
