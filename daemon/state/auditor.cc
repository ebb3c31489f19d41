// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "daemon/state/auditor.h"

#include "common/base/limits.h"
#include "common/base/log_messages.h"
#include "common/token/visible_text.h"
#include "daemon/state/idle_memory.h"

#include <utility>

namespace patd {
namespace {

constexpr std::chrono::milliseconds kSyncWithin{800};
constexpr std::size_t kGatheredMax = 4096;

UnixTime minute_of(UnixTime time) {
    return time / 60;
}

}  // namespace

Auditor::~Auditor() {
    write_verifies(minute_of(parts_.clock.now()) + 1);
    sync();
}

Result<void> Auditor::record(const Caller& caller, Uid owner, const std::optional<TokenId>& token,
                             std::string event, std::string outcome, std::string where) {
    schedule();
    return parts_.log.append({parts_.clock.now(), owner, token, caller.uid, std::move(event),
                              std::move(outcome), std::move(where), 1, caller.unit});
}

Result<void> Auditor::record_each(const Caller& caller, Uid owner, std::span<const Token> tokens,
                                  const std::string& event, const std::string& outcome) {
    schedule();
    const UnixTime now = parts_.clock.now();
    std::vector<store::Event> events;
    events.reserve(tokens.size());
    for (const Token& token : tokens)
        events.push_back({now, owner, token.id, caller.uid, event, outcome, {}, 1, caller.unit});
    return parts_.log.append_all(events);
}

store::Event& Auditor::verifies_of(const Caller& caller, const Token& token,
                                   const std::string& where, UnixTime now) {
    if (gathered_ >= kGatheredMax)
        write_verifies(minute_of(now) + 1);
    Verifies& minute = verified_[minute_of(now)];
    const auto [place, is_new] =
        minute.places.try_emplace({token.id, caller.uid, caller.unit}, minute.events.size());
    if (is_new) {
        minute.events.push_back(
            {now, token.owner, token.id, caller.uid, "verify", "ok", where, 0, caller.unit});
        ++gathered_;
    }
    return minute.events[place->second];
}

// The busiest path of the daemon: what is known already is only counted.
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

bool Auditor::admit_refused(const Caller& caller) {
    const UnixTime minute = minute_of(parts_.clock.now());
    if (minute != refused_minute_)
        refused_.clear();
    refused_minute_ = minute;
    return refused_.size() < kGatheredMax &&
           ++refused_[caller.uid] <= limits::kRefusedEventsPerMinute;
}

bool Auditor::record_refused(const Caller& caller, const Subject& subject,
                             const std::string& reason, const std::string& where) {
    if (!admit_refused(caller))
        return false;
    const Result<void> recorded =
        record(caller, subject.owner, subject.token, "verify", reason, where);
    if (!recorded)
        log(messages::kEventLost, recorded.error(), {{"AUDIT", "refused verify"}});
    return true;
}

void Auditor::note_use(const TokenId& token, LastUse use) {
    if (use.where.size() > limits::kAuditTextBytes)
        use.where = cut_text(use.where, limits::kAuditTextBytes);
    uses_.insert_or_assign(token, std::move(use));
    schedule();
}

void Auditor::schedule() {
    if (scheduled_)
        return;
    scheduled_ = true;
    timer_ = parts_.loop.after(kSyncWithin, [this] { flush(); });
}

void Auditor::flush() {
    scheduled_ = false;
    write_verifies(minute_of(parts_.clock.now()));
    if (!verified_.empty())
        schedule();
    // Who goes on at once reads some pages again, once a second; who does not has nothing to keep.
    parts_.log.release_memory();
    parts_.store.release_memory();
    sync();
}

void Auditor::sync() {
    const auto uses = std::make_shared<store::LastUses>(std::exchange(uses_, {}));
    bus::run(
        parts_.writer,
        [&store = parts_.store, &events = parts_.log, uses]() -> Result<void> {
            Result<void> synced = events.sync();
            if (!uses->empty())
                TRY(store.record_use(*uses));
            // What a burst of requests took goes back to the system once it is written.
            uses->clear();
            give_back_idle_memory();
            return synced;
        },
        [](const Result<void>& synced) {
            if (!synced)
                log(messages::kEventLost, synced.error(), {{"AUDIT", "sync or last use"}});
        });
}

void Auditor::write_verifies(UnixTime before_minute) {
    while (!verified_.empty() && verified_.begin()->first < before_minute) {
        const std::vector<store::Event>& events = verified_.begin()->second.events;
        if (const Result<void> written = parts_.log.append_all(events); !written)
            log(messages::kEventLost, written.error(), {{"AUDIT", "verify"}});
        gathered_ -= events.size();
        verified_.erase(verified_.begin());
    }
}

}  // namespace patd
