// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "daemon/context/auditor.h"

#include "common/base/log_messages.h"
#include "common/base/service_limits.h"
#include "common/bus/firewall.h"
#include "common/token/visible_text.h"
#include "daemon/context/idle_memory.h"

#include <unistd.h>

#include <algorithm>
#include <iterator>
#include <utility>

namespace patd {
namespace {

constexpr std::chrono::milliseconds kSyncWithin{800};
constexpr std::size_t kGatheredMax = 4096;
// Takes some milliseconds of the loop.
constexpr std::size_t kWrittenAtOnce = 256;

// Owner of tokens that do not exist. Refusals about them are gathered like any other, so that they
// take as long, but are not written.
constexpr Uid kNobody{0xffffffffU};

UnixTime minute_of(UnixTime time) {
    return time / 60;
}

bool is_one_row(const store::Event& row, const store::Event& event) {
    return row.token == event.token && row.by == event.by && row.outcome == event.outcome &&
           row.unit == event.unit;
}

}  // namespace

Auditor::Auditor(const Parts& parts) : parts_(parts) {
    // The start has read the store, and may have left something to sync.
    schedule(false);
}

Auditor::~Auditor() {
    bus::guarded("the last events", [this] {
        close_all();
        while (!closed_.empty())
            write_closed();
        write_owed();
        sync(false);
    });
}

Result<void> Auditor::record(const Caller& caller, Uid owner, const std::optional<TokenId>& token,
                             std::string event, std::string outcome, std::string where) {
    schedule();
    return parts_.log.append({parts_.clock.now(), owner, token, caller.uid, std::move(event),
                              std::move(outcome), std::move(where), 1, caller.unit});
}

Result<void> Auditor::record_release(const Caller& caller, const TokenId& token,
                                     std::string outcome, std::string where) {
    return append_soon({parts_.clock.now(), caller.uid, token, caller.uid, "release",
                        std::move(outcome), std::move(where), 1, caller.unit});
}

Result<void> Auditor::record_exchange(const Caller& caller, const Token& token, std::string where) {
    return append_soon({parts_.clock.now(), token.owner, token.id, caller.uid, "exchange", "ok",
                        std::move(where), 1, caller.unit});
}

Result<void> Auditor::append_soon(store::Event event) {
    schedule();
    TRY(parts_.log.append_soon(std::move(event)));
    if (!syncing_early_ && parts_.log.is_journal_filling())
        sync_early();
    return {};
}

bool Auditor::record_done(const Caller& caller, Uid owner, const std::optional<TokenId>& token,
                          const std::string& event, std::string outcome) {
    const Result<void> recorded = record(caller, owner, token, event, std::move(outcome));
    if (!recorded)
        log(messages::kEventLost, recorded.error(), {{"AUDIT", event}});
    return recorded.has_value();
}

Result<store::BegunEvents> Auditor::begin(const Caller& caller, Uid owner,
                                          const std::optional<TokenId>& token, std::string event,
                                          std::string where) {
    schedule();
    return parts_.log.begin({{parts_.clock.now(),
                              owner,
                              token,
                              caller.uid,
                              std::move(event),
                              {},
                              std::move(where),
                              1,
                              caller.unit}});
}

Result<store::BegunEvents> Auditor::begin_each(const Caller& caller, Uid owner,
                                               std::span<const Token> tokens,
                                               const std::string& event) {
    schedule();
    const UnixTime now = parts_.clock.now();
    std::vector<store::Event> events;
    events.reserve(tokens.size());
    for (const Token& token : tokens)
        events.push_back({now, owner, token.id, caller.uid, event, {}, {}, 1, caller.unit});
    return parts_.log.begin(std::move(events));
}

void Auditor::end(const store::BegunEvents& begun, std::string_view outcome) {
    schedule();
    if (const Result<void> ended = parts_.log.end(begun, outcome); !ended)
        log(messages::kEventLost, ended.error(), {{"AUDIT", std::string(outcome)}});
}

void Auditor::withdraw(const store::BegunEvents& begun) {
    schedule();
    if (const Result<void> withdrawn = parts_.log.withdraw(begun); !withdrawn)
        log(messages::kEventLost, withdrawn.error(), {{"AUDIT", "withdrawn"}});
}

void Auditor::record_or_owe(const Caller& caller, Uid owner, std::string event, std::string outcome,
                            std::string where) {
    schedule();
    const store::Event owed{
        parts_.clock.now(), owner, std::nullopt, caller.uid, std::move(event), std::move(outcome),
        std::move(where),   1,     caller.unit};
    const Result<void> recorded = parts_.log.append(owed);
    if (recorded)
        return;
    const bool is_known = std::any_of(owed_.begin(), owed_.end(), [&](const store::Event& known) {
        return known.owner == owed.owner && known.event == owed.event && known.where == owed.where;
    });
    if (is_known)
        return;
    if (owed_.size() < limits::kEventsOwed)
        owed_.push_back(owed);
    else
        log(messages::kEventLost, recorded.error(), {{"AUDIT", owed.event}});
}

void Auditor::write_owed() {
    if (!owed_.empty() && parts_.log.append_all(owed_))
        owed_.clear();
}

store::Event& Auditor::verifies_of(const Caller& caller, const Token& token,
                                   const std::string& where, UnixTime now) {
    if (gathered_ >= kGatheredMax)
        close_all();
    Minute& minute = minutes_[minute_of(now)];
    const VerifyKey key{token.id, caller.uid, caller.unit};
    if (const auto found = minute.verified.find(key); found != minute.verified.end())
        return minute.events[found->second];
    // The row first: counting into a missing row would count elsewhere.
    store::Event& row = add(
        minute, {now, token.owner, token.id, caller.uid, "verify", "ok", where, 0, caller.unit});
    minute.verified.emplace(key, minute.events.size() - 1);
    return row;
}

// The busiest path of the daemon: repeats are only counted.
void Auditor::record_verified(const Caller& caller, const Token& token, const std::string& where,
                              UnixTime now) {
    activity_.verifies.count(now);
    ++verifies_of(caller, token, where, now).count;
    const auto used = uses_.find(token.id);
    if (used == uses_.end() || used->second.where != where || used->second.how != "verify")
        return note_use(token.id, {now, caller.uid.value(), "verify", where});
    used->second.at = now;
    used->second.by = caller.uid.value();
}

store::Event& Auditor::add(Minute& minute, store::Event event) {
    if (!closed_.empty())
        write_closed();
    store::Event& row = minute.events.emplace_back(std::move(event));
    ++gathered_;
    return row;
}

store::Event* Auditor::gather(Tallies Minute::*tallies, store::Event event) {
    if (gathered_ >= kGatheredMax)
        close_all();
    schedule();
    Minute& minute = minutes_[minute_of(event.at)];
    Tally& tally = (minute.*tallies)[event.owner];
    for (const std::size_t row : tally.rows) {
        if (is_one_row(minute.events[row], event)) {
            ++minute.events[row].count;
            return nullptr;
        }
    }
    if (tally.made < limits::kRefusedRowsPerOwnerMinute) {
        store::Event& row = add(minute, std::move(event));
        ++tally.made;
        tally.rows.push_back(minute.events.size() - 1);
        return &row;
    }
    if (tally.rest) {
        ++minute.events[*tally.rest].count;
        return nullptr;
    }
    event.token.reset();
    event.by = Uid(geteuid());
    event.outcome = "many";
    event.where.clear();
    event.unit.clear();
    store::Event& row = add(minute, std::move(event));
    tally.rest = minute.events.size() - 1;
    return &row;
}

void Auditor::record_refused(const Caller& caller, const std::optional<Subject>& subject,
                             std::string_view reason, const std::string& where) {
    const Uid owner = subject ? subject->owner : kNobody;
    const std::optional<TokenId> token =
        subject ? std::optional<TokenId>(subject->token) : std::nullopt;
    gather(&Minute::refused, {parts_.clock.now(), owner, token, caller.uid, "verify",
                              std::string(reason), where, 1, caller.unit});
}

bool Auditor::record_alarm(const Caller& caller, const Subject& subject, const std::string& where) {
    store::Event* const begun =
        gather(&Minute::alarms, {parts_.clock.now(), subject.owner, subject.token, caller.uid,
                                 "alarm", "dead", where, 1, caller.unit});
    if (begun == nullptr)
        return false;
    if (const Result<void> recorded = parts_.log.append(*begun); !recorded)
        log(messages::kEventLost, recorded.error(), {{"AUDIT", "alarm"}});
    begun->count = 0;  // of those that follow
    return true;
}

void Auditor::note_use(const TokenId& token, LastUse use) {
    if (use.where.size() > limits::kAuditTextBytes)
        use.where = cut_text(use.where, limits::kAuditTextBytes);
    uses_.insert_or_assign(token, std::move(use));
    schedule();
}

void Auditor::schedule(bool is_busy) {
    is_busy_ |= is_busy;
    if (scheduled_)
        return;
    timer_ = parts_.loop.after(kSyncWithin, [this] { flush(); });
    scheduled_ = true;
}

void Auditor::flush() {
    scheduled_ = false;
    const bool rests = !std::exchange(is_busy_, false);
    const UnixTime now = minute_of(parts_.clock.now());
    for (; !minutes_.empty() && minutes_.begin()->first < now; minutes_.erase(minutes_.begin()))
        close(minutes_.begin()->second);
    write_closed();
    write_owed();
    // Once more after the last request, to see that it was the last.
    if (!rests || !minutes_.empty() || !closed_.empty() || !owed_.empty())
        schedule(false);
    // An owner who is still active reads some pages again, once a second; an idle one needs none.
    parts_.log.release_memory();
    parts_.store.release_memory(rests);
    free_some(false);
    sync(rests);
}

void Auditor::free_some(bool rests) {
    if (parts_.store.free_some())
        freeing_ = parts_.loop.soon([this, rests] { free_some(rests); });
    else if (rests)
        give_back_idle_memory();
}

void Auditor::sync(bool rests) {
    const auto uses = std::make_shared<store::LastUses>(std::exchange(uses_, {}));
    bus::run(
        parts_.writer,
        [&store = parts_.store, &events = parts_.log, uses]() -> Result<void> {
            Result<void> synced = events.sync();
            if (!uses->empty())
                TRY(store.record_use(*uses));
            uses->clear();
            return synced;
        },
        [this, alive = std::weak_ptr(alive_), rests](const Result<void>& done) {
            if (alive.expired()) {
                if (!done)
                    log(messages::kEventLost, done.error(), {{"AUDIT", "sync or last use"}});
                return;
            }
            synced(done);
            // Memory is given back last, because what runs after it is mapped again.
            if (rests)
                free_some(true);
        });
}

void Auditor::sync_early() {
    syncing_early_ = true;
    bus::run(
        parts_.writer, [&events = parts_.log] { return events.sync(); },
        [this, alive = std::weak_ptr(alive_)](const Result<void>& done) {
            if (alive.expired())
                return;
            syncing_early_ = false;
            synced(done);
        });
}

void Auditor::synced(const Result<void>& done) {
    if (!done && !is_sync_failing_)
        log(messages::kEventLost, done.error(), {{"AUDIT", "sync or last use"}});
    is_sync_failing_ = !done;
    if (!parts_.log.is_synced())
        schedule(false);
}

void Auditor::close(Minute& minute) {
    gathered_ -= minute.events.size();
    for (store::Event& event : minute.events) {
        if (event.count > 0 && event.owner != kNobody)
            closed_.push_back(std::move(event));
    }
    minute.events.clear();
    minute.verified.clear();
    for (Tallies* const tallies : {&minute.refused, &minute.alarms}) {
        for (auto& [owner, tally] : *tallies)
            tally = {.made = tally.made};
    }
}

void Auditor::close_all() {
    for (auto& [time, minute] : minutes_)
        close(minute);
}

void Auditor::write_closed() {
    if (closed_.empty())
        return;
    const auto end =
        closed_.begin() + static_cast<std::ptrdiff_t>(std::min(closed_.size(), kWrittenAtOnce));
    const std::vector<store::Event> events(std::make_move_iterator(closed_.begin()),
                                           std::make_move_iterator(end));
    closed_.erase(closed_.begin(), end);
    if (const Result<void> written = parts_.log.append_each(events); !written)
        log(messages::kEventLost, written.error(), {{"AUDIT", "verify"}});
}

}  // namespace patd
