// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "common/base/log_messages.h"
#include "daemon/store/audit/audit_log_state.h"
#include "daemon/store/audit/audit_sql.h"

#include <sys/stat.h>

#include <algorithm>
#include <map>

namespace patd::store {
namespace {

constexpr std::int64_t kIsRow = 0;  // the number of an event that audit.db has already

}  // namespace

std::optional<std::int64_t> AuditLog::State::first_waiting() {
    const std::lock_guard lock(journaling);
    return waiting.empty() ? std::nullopt : std::optional(waiting.front().seq);
}

Result<bool> AuditLog::State::fold_some() {
    Result<bool> folded = try_to_fold_some();
    if (folded)
        is_folding_failing = false;
    else if (!is_folding_failing.exchange(true))
        log(messages::kEventsWait, folded.error());
    return folded;
}

Result<bool> AuditLog::State::try_to_fold_some() {
    const std::lock_guard lock(database);
    std::vector<NumberedEvent> some;
    {
        const std::lock_guard reading(journaling);
        const std::size_t size = std::min(waiting.size(), limits::kEventsPerFold);
        some.assign(waiting.begin(), waiting.begin() + static_cast<std::ptrdiff_t>(size));
    }
    if (some.empty())
        return false;
    TRY(put_all(some));
    const std::lock_guard removing(journaling);
    waiting.erase(waiting.begin(), waiting.begin() + static_cast<std::ptrdiff_t>(some.size()));
    return true;
}

// Those that are waiting now, and perhaps some more.
Result<void> AuditLog::State::fold() {
    std::int64_t last = 0;
    {
        const std::lock_guard lock(journaling);
        if (!waiting.empty())
            last = waiting.back().seq;
    }
    for (auto first = first_waiting(); first && *first <= last; first = first_waiting())
        TRY(fold_some());
    return {};
}

Result<std::int64_t> AuditLog::State::last_seq() {
    Query query = TRY(append.query(sql::kLastSeq));
    TRY(query.step());
    return query.integer(0);
}

Result<std::optional<bool>> AuditLog::State::is_row(const NumberedEvent& numbered) {
    Query query = TRY(append.query(sql::kEventAt));
    query.bind(numbered.seq);
    if (!TRY(query.step()))
        return std::optional<bool>();
    const Result<Event> row = read_event(query);
    return std::optional(row && *row == numbered.event);
}

// Another event has the number of the first, because audit.db was replaced, or its row is damaged.
// All of them get the next numbers, so that they stay in their order; but not those that are rows
// behind it: an earlier process, which was killed before it emptied the journal, gave them theirs.
Result<void> AuditLog::State::number_again(std::span<NumberedEvent> events) {
    std::map<Event, std::size_t> rows;  // of events that are equal
    for (const NumberedEvent& numbered : events)
        rows.emplace(numbered.event, 0);
    Query query = TRY(append.query(sql::kEventsBehind));
    query.bind(events.front().seq);
    while (TRY(query.step())) {
        const Result<Event> row = read_event(query);
        const auto found = row ? rows.find(*row) : rows.end();
        if (found != rows.end())
            ++found->second;
    }
    for (NumberedEvent& numbered : events) {
        std::size_t& left = rows[numbered.event];
        numbered.seq = left > 0 ? kIsRow : next_seq++;
        left -= left > 0 ? 1 : 0;
    }
    return {};
}

bool AuditLog::State::is_wal_empty() const {
    struct stat status = {};
    return fstat(wal.get(), &status) == 0 && status.st_size == 0;
}

// What audit.db cannot take now waits, in the journal that is held: a full disk is no reason to
// serve nothing.
Result<void> AuditLog::State::replay() {
    EventJournal::Found found = TRY(journal.read());
    if (found.damaged > 0)
        log(messages::kEventLost, Error{Errc::Corrupt, "audit.journal is damaged"},
            {{"AUDIT", "release"}});
    const std::int64_t last = found.events.empty() ? 0 : found.events.back().seq;
    const std::int64_t last_row = TRY(last_seq());
    next_seq = std::max(last_row, last) + 1;
    const std::span<NumberedEvent> events(found.events);
    for (std::size_t at = 0; at < events.size() && events[at].seq <= last_row; ++at) {
        const std::optional<bool> known = TRY(is_row(events[at]));
        if (known && !*known) {
            TRY(number_again(events.subspan(at)));
            break;
        }
        if (known)
            events[at].seq = kIsRow;
    }
    std::erase_if(found.events, [](const NumberedEvent& event) { return event.seq == kIsRow; });
    // Nothing to write, and nothing that an earlier process wrote without a sync.
    if (found.is_blank && is_wal_empty()) {
        unsynced = false;
        return {};
    }
    waiting.assign(found.events.begin(), found.events.end());
    journal.hold();
    (void)bring_to_disk();
    return {};
}

}  // namespace patd::store
