// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "daemon/store/audit/audit_log.h"

#include "common/base/limits.h"
#include "common/base/log_messages.h"
#include "common/base/service_limits.h"
#include "common/base/unique_fd.h"
#include "common/token/token_key.h"
#include "common/token/visible_text.h"
#include "daemon/store/audit/audit_log_state.h"
#include "daemon/store/audit/audit_sql.h"
#include "daemon/store/database/schema.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <iterator>
#include <system_error>

namespace patd::store {
namespace {

constexpr char kAuditFile[] = "audit.db";
constexpr char kWalName[] = "audit.db-wal";
constexpr char kBegun[] = "begun";

// sync() makes the checkpoints, in its own thread. It cannot empty a WAL that keeps growing, so
// under steady load the appender does it, every 16 MiB: some milliseconds.
constexpr char kAppendSettings[] = "PRAGMA synchronous = NORMAL; PRAGMA wal_autocheckpoint = 4000;";
// A checkpoint bypasses the page cache.
constexpr char kSyncSettings[] = "PRAGMA synchronous = NORMAL; PRAGMA cache_size = -16;";
constexpr char kCheckpoint[] = "PRAGMA wal_checkpoint(PASSIVE)";
// Leaves nothing in the WAL.
constexpr char kCheckpointAll[] = "PRAGMA wal_checkpoint(TRUNCATE)";
// How many more events than the limit may pile up between two clean-ups.
constexpr std::size_t kPruneAtOnce = 16;
// How many are removed at once, as part of one step: after the limit was lowered, the rest goes
// with the next events.
constexpr std::size_t kPruneMost = 32;
constexpr int kEventsPerCheckpoint = 1000;  // a WAL of some 8 MiB

std::int64_t as_int64(std::size_t number) {
    return static_cast<std::int64_t>(number);
}

std::string_view cut(std::string_view text) {
    return cut_text(text, limits::kAuditTextBytes);
}

Result<void> upgrade(Connection& old, std::uint32_t from) {
    if (from == 1)
        TRY(old.execute(sql::kAddUnit));
    TRY(old.execute(sql::kAddShare));
    return old.execute(sql::kEventByOwner);
}

bool matches(const Event& event, const EventQuery& wanted) {
    return (!wanted.token || event.token == wanted.token) &&
           (!wanted.unit || event.unit == *wanted.unit) && event.at >= wanted.since &&
           event.at < wanted.until;
}

// Marks when the write is in the file: a sync that began earlier may have missed it.
class MarkUnsynced {
  public:
    explicit MarkUnsynced(std::atomic<bool>& unsynced) : unsynced_(unsynced) {}
    ~MarkUnsynced() { unsynced_ = true; }
    MarkUnsynced(const MarkUnsynced&) = delete;
    MarkUnsynced& operator=(const MarkUnsynced&) = delete;

  private:
    std::atomic<bool>& unsynced_;
};

// Discards what a transaction counted if it is rolled back.
template <typename Counts>
class Recount {
  public:
    explicit Recount(Counts& counts) : counts_(counts) {}
    ~Recount() {
        if (!kept_)
            counts_.clear();
    }
    Recount(const Recount&) = delete;
    Recount& operator=(const Recount&) = delete;
    void keep() { kept_ = true; }

  private:
    Counts& counts_;
    bool kept_ = false;
};

}  // namespace

Result<Event> read_event(Query& query) {
    std::optional<TokenId> token;
    if (!query.is_null(2))
        token = token_id_of(query.integer(2));
    Event event{.at = query.integer(1),
                .owner = Uid(static_cast<std::uint32_t>(query.integer(8))),
                .token = token,
                .by = Uid(static_cast<std::uint32_t>(query.integer(3))),
                .event = std::string(query.text(4)),
                .outcome = std::string(query.text(5)),
                .where = std::string(query.text(6)),
                .count = static_cast<std::uint32_t>(query.integer(7)),
                .unit = std::string(query.text(9))};
    if (query.malformed())
        return Error{Errc::Corrupt, "a column of an event has the wrong type"};
    return event;
}

AuditLog::AuditLog(std::unique_ptr<State> state) : state_(std::move(state)) {}

// What cannot be folded stays in the journal for the next start.
AuditLog::~AuditLog() {
    if (sync_events() && !state_->first_waiting())
        (void)state_->journal.clear();
}

Result<std::unique_ptr<AuditLog>> AuditLog::open(const std::string& directory_path) {
    const StateDirectory directory = TRY(StateDirectory::open(directory_path));
    DatabaseFile file{.name = kAuditFile};
    file.upgrade = upgrade;
    Connection append = TRY(open_database(directory, sql::kAuditSchema, file));
    TRY(append.execute(kAppendSettings));
    TRY(append.set_checkpoint_on_close(true));
    Connection checkpoint = TRY(Connection::open_writable(directory.path_of(kAuditFile)));
    TRY(checkpoint.execute(kSyncSettings));
    // Stays the same file as long as a connection is open.
    UniqueFd wal(::open(directory.path_of(kWalName).c_str(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC));
    EventJournal journal = TRY(EventJournal::open(directory));
    UniqueFd names(::open(directory_path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!wal || !names)
        return Error{Errc::Unavailable, directory.path_of(kWalName)};
    auto state =
        std::make_unique<State>(std::move(append), std::move(checkpoint),
                                State::Files{std::move(wal), std::move(names)}, std::move(journal));
    TRY(state->replay());
    return std::unique_ptr<AuditLog>(new AuditLog(std::move(state)));
}

Result<std::size_t*> AuditLog::State::count_of(Uid owner, EventShare share) {
    std::optional<std::size_t>& count = counts[owner.value()][static_cast<std::size_t>(share)];
    if (count)
        return &*count;
    Query query = TRY(append.query(sql::kCountEvents));
    query.bind(std::int64_t{owner.value()}, std::int64_t{static_cast<std::uint8_t>(share)});
    TRY(query.step());
    return &count.emplace(static_cast<std::size_t>(query.integer(0)));
}

Result<void> AuditLog::State::insert(const NumberedEvent& numbered, EventShare share) {
    const Event& event = numbered.event;
    Query query = TRY(append.query(sql::kInsertEvent));
    query.bind(numbered.seq, event.at, std::int64_t{event.owner.value()});
    if (event.token)
        query.bind(token_key(*event.token));
    else
        query.bind(std::nullopt);
    query.bind(std::int64_t{event.by.value()}, event.event, event.outcome, cut(event.where),
               std::int64_t{event.count}, cut(event.unit),
               std::int64_t{static_cast<std::uint8_t>(share)});
    return query.run();
}

Result<void> AuditLog::State::prune(Uid owner, EventShare share, std::size_t excess) {
    Query query = TRY(append.query(sql::kPruneEvents));
    query.bind(std::int64_t{owner.value()}, std::int64_t{static_cast<std::uint8_t>(share)},
               as_int64(excess));
    return query.run();
}

Result<void> AuditLog::State::put(const NumberedEvent& numbered) {
    const Uid owner = numbered.event.owner;
    const EventShare share = share_of(numbered.event);
    std::size_t* count = TRY(count_of(owner, share));
    TRY(insert(numbered, share));
    since_checkpoint.fetch_add(1, std::memory_order_relaxed);
    const std::size_t kept = room_of(share, events_per_owner);
    if (++*count < kept + kPruneAtOnce)
        return {};
    const std::size_t excess = std::min(*count - kept, kPruneMost);
    // The event is written: failing to remove older ones is no reason to refuse it.
    const bool was_in_transaction = append.in_transaction();
    const Result<void> pruned = prune(owner, share, excess);
    // SQLite may then drop the whole transaction, and with it the event.
    if (!pruned && was_in_transaction && !append.in_transaction())
        return pruned.error();
    if (pruned)
        *count -= excess;
    else
        log(messages::kEventsNotPruned, pruned.error(), {{"UID", std::to_string(owner.value())}});
    return {};
}

Result<void> AuditLog::State::put_all(std::span<const NumberedEvent> events) {
    Recount recount(counts);
    const auto put_each = [&]() -> Result<void> {
        Transaction transaction = TRY(Transaction::begin_write(append));
        for (const NumberedEvent& event : events)
            TRY(put(event));
        return transaction.commit();
    };
    TRY(put_each());
    recount.keep();
    return {};
}

std::vector<NumberedEvent> AuditLog::State::number(std::vector<Event> events) {
    std::vector<NumberedEvent> numbered;
    numbered.reserve(events.size());
    for (Event& event : events)
        numbered.push_back({next_seq++, std::move(event)});
    return numbered;
}

void AuditLog::release_memory() {
    const std::unique_lock lock(state_->database, std::try_to_lock);
    if (lock)
        state_->append.release_memory();
}

void AuditLog::keep_events(std::size_t per_owner) {
    state_->events_per_owner = per_owner;
}

Result<void> AuditLog::append(const Event& event) {
    const MarkUnsynced mark(state_->unsynced);
    const std::lock_guard lock(state_->database);
    return state_->put({state_->next_seq++, event});
}

Result<void> AuditLog::append_soon(Event event) {
    const MarkUnsynced mark(state_->unsynced);
    {
        const std::lock_guard lock(state_->journaling);
        event.where = cut(event.where);
        event.unit = cut(event.unit);
        NumberedEvent numbered{state_->next_seq++, std::move(event)};
        const bool has_room = state_->waiting.size() < limits::kJournalEvents;
        if (has_room && TRY(state_->journal.append(numbered))) {
            state_->waiting.push_back(std::move(numbered));
            return {};
        }
        event = std::move(numbered.event);
    }
    return append(event);
}

bool AuditLog::is_journal_filling() {
    if (state_->is_folding_failing)
        return false;
    const std::lock_guard lock(state_->journaling);
    return state_->waiting.size() > limits::kJournalEvents / 2 || state_->journal.is_half_full();
}

bool AuditLog::is_synced() const {
    return !state_->unsynced;
}

Result<void> AuditLog::append_all(std::span<const Event> events) {
    const MarkUnsynced mark(state_->unsynced);
    const std::lock_guard lock(state_->database);
    return state_->put_all(state_->number({events.begin(), events.end()}));
}

Result<BegunEvents> AuditLog::begin(std::vector<Event> events) {
    const MarkUnsynced mark(state_->unsynced);
    for (Event& event : events)
        event.outcome = kBegun;
    const std::vector<NumberedEvent> numbered = state_->number(std::move(events));
    const std::lock_guard lock(state_->database);
    TRY(state_->put_all(numbered));
    if (numbered.empty())
        return BegunEvents();
    return BegunEvents{numbered.front().seq, numbered.back().seq};
}

Result<void> AuditLog::end(const BegunEvents& begun, std::string_view outcome) {
    const MarkUnsynced mark(state_->unsynced);
    const std::lock_guard lock(state_->database);
    Query query = TRY(state_->append.query(sql::kEndEvents));
    query.bind(begun.first, begun.last, outcome);
    return query.run();
}

Result<void> AuditLog::withdraw(const BegunEvents& begun) {
    const MarkUnsynced mark(state_->unsynced);
    const std::lock_guard lock(state_->database);
    state_->counts.clear();
    Query query = TRY(state_->append.query(sql::kWithdrawEvents));
    query.bind(begun.first, begun.last);
    return query.run();
}

Result<void> AuditLog::append_each(std::span<const Event> events) {
    if (append_all(events))
        return {};
    Result<void> appended;
    for (const Event& event : events) {
        if (const Result<void> one = append(event); !one)
            appended = one;
    }
    return appended;
}

EventWalk AuditLog::walk(EventQuery query) {
    if (query.owner)
        query.limit = std::min(query.limit, room_of_all(state_->events_per_owner));
    return {*this, std::move(query), state_->next_seq};
}

Result<std::vector<Event>> EventWalk::next() {
    AuditLog::State& state = *log_->state_;
    // While the disk is full, the log is shown without them.
    const std::optional<std::int64_t> waiting = has_begun_ ? std::nullopt : state.first_waiting();
    if (waiting && *waiting < before_ && state.fold_some())
        return std::vector<Event>();
    has_begun_ = true;
    const std::lock_guard lock(state.database);
    Query query = TRY(state.append.query(query_.owner ? sql::kEventsOfOwner : sql::kEventsOfAll));
    query.bind(before_, as_int64(limits::kEventRowsPerStep));
    if (query_.owner)
        query.bind(std::int64_t{query_.owner->value()});
    std::vector<Event> events;
    std::size_t rows = 0;
    for (; left() > events.size() && TRY(query.step()); ++rows) {
        before_ = query.integer(0);
        Event event = TRY(read_event(query));
        if (matches(event, query_))
            events.push_back(std::move(event));
    }
    found_ += events.size();
    ended_ = rows < limits::kEventRowsPerStep || left() == 0;
    return events;
}

Result<std::vector<Event>> AuditLog::list(const EventQuery& query) {
    std::vector<Event> events;
    EventWalk walk = this->walk(query);
    while (!walk.ended()) {
        std::vector<Event> some = TRY(walk.next());
        std::move(some.begin(), some.end(), std::back_inserter(events));
    }
    return events;
}

// If the WAL and the journal were created afresh, what is synced in them is lost without their
// names. Before the first sync, not at the start: nobody waits for this one. Unlike a file's pages,
// names that could not be written are not forgotten by the file system.
Result<void> AuditLog::State::sync_names() {
    if (names && fsync(names.get()) != 0)
        return Error{Errc::Unavailable, "syncing the directory of the audit log"};
    names.reset();
    return {};
}

Result<void> AuditLog::State::sync_wal() {
    TRY(sync_names());
    if (fdatasync(wal.get()) == 0)
        return {};
    is_wal_doubted = true;
    return Error{Errc::Unavailable,
                 "syncing the audit log: " + std::generic_category().message(errno)};
}

// The kernel reports a failed write once and then considers the page written, so that a second sync
// of the WAL would not notice. So the WAL's content is written again, into the database.
Result<void> AuditLog::State::leave_wal() {
    Query query = TRY(checkpoint.query(kCheckpointAll));
    TRY(query.step());
    if (query.integer(0) != 0)
        return Error{Errc::Unavailable, "the audit log is written to after a failed sync"};
    is_wal_doubted = false;
    return sync_wal();
}

// What was written before a sync failed may be lost while later syncs succeed. Each half is written
// afresh once it was emptied.
Result<void> AuditLog::State::sync_journal() {
    TRY(sync_names());
    if (journal_doubted_for > 0)
        return Error{Errc::Unavailable, "an earlier sync of the audit journal failed"};
    Result<void> synced = journal.sync();
    if (!synced)
        journal_doubted_for = 2;
    return synced;
}

Result<void> AuditLog::State::empty_journal() {
    {
        const std::lock_guard lock(journaling);
        TRY(journal.is_held() ? journal.clear() : journal.empty_other());
    }
    journal_doubted_for -= journal_doubted_for > 0 ? 1 : 0;
    return {};
}

// A caller with no events of its own in the log waits for no disk.
AuditLog::State::Synced AuditLog::State::bring_to_disk() {
    Synced result;
    if (!unsynced.exchange(false))
        return result;
    {
        const std::lock_guard lock(journaling);
        journal.turn();
    }
    // What audit.db cannot take is brought to disk where it is.
    result.folded = fold();
    if (!result.folded)
        result.on_disk = sync_journal();
    if (result.on_disk)
        result.on_disk = is_wal_doubted ? leave_wal() : sync_wal();
    // What cannot be emptied is known at the next start, and it is tried again.
    if (!result.folded || !result.on_disk || !empty_journal())
        unsynced = true;
    return result;
}

Result<void> AuditLog::sync_events() {
    return state_->bring_to_disk().on_disk;
}

Result<void> AuditLog::sync_database() {
    const State::Synced synced = state_->bring_to_disk();
    return synced.folded ? synced.on_disk : synced.folded;
}

Result<void> AuditLog::sync() {
    TRY(sync_events());
    if (state_->since_checkpoint.load(std::memory_order_relaxed) < kEventsPerCheckpoint)
        return {};
    state_->since_checkpoint.store(0, std::memory_order_relaxed);
    Query query = TRY(state_->checkpoint.query(kCheckpoint));
    TRY(query.step());
    return {};
}

}  // namespace patd::store
