// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "daemon/upkeep/clock_keeper.h"

#include "common/base/log_messages.h"
#include "common/bus/firewall.h"
#include "daemon/store/tokens/store_admin.h"

namespace patd {
namespace {

using store::Note;
using store::StoreAdmin;

}  // namespace

Result<void> ClockKeeper::resume(store::TokenStore& store, ClockGuard& guard) {
    guard.resume(TRY(StoreAdmin(store).read_note(Note::ClockMark)));
    return {};
}

void ClockKeeper::begin(std::chrono::minutes period) {
    period_ = period;
    look();
    timer_ = parts_.loop.after(period_, [this] { begin(period_); });
}

void ClockKeeper::look() {
    tell(parts_.guard.trust());
    // A mark that only moved with the time since boot is not worth a write.
    if (parts_.guard.mark() <= kept_ + ClockGuard::kTolerance || !parts_.context.store.is_open())
        return;
    keep([](const Result<void>& kept) {
        if (!kept)
            log(messages::kClockNotKept, kept.error());
    });
}

void ClockKeeper::tell(ClockTrust trust) {
    if (trust == told_)
        return;
    told_ = trust;
    const std::string mark = std::to_string(parts_.guard.mark());
    switch (trust) {
        case ClockTrust::Right:
            return log(messages::kClockRight);
        case ClockTrust::Ahead:
            return log(messages::kClockAhead, {{"MARK", mark}});
        case ClockTrust::Behind:
            return log(messages::kClockBehind, {{"MARK", mark}});
        case ClockTrust::Unknown:
            return log(messages::kClockUnknown, {{"MARK", mark}});
    }
}

void ClockKeeper::keep(const Done& done) {
    const UnixTime mark = parts_.guard.mark();
    bus::run(
        parts_.context.writer,
        [&store = parts_.context.store, &events = parts_.context.audit_log,
         mark]() -> Result<void> {
            TRY(events.sync_events());  // root's word, if it is that
            return StoreAdmin(store).write_note(Note::ClockMark, mark);
        },
        [this, mark, done](const Result<void>& kept) {
            if (kept)
                kept_ = mark;
            done(kept);
        });
}

void ClockKeeper::accept(const Caller& root, const Done& done) {
    if (const auto recorded =
            parts_.context.auditor.record(root, Uid(0), std::nullopt, "accept-clock", "ok");
        !recorded)
        return done(recorded.error());
    parts_.guard.accept();
    tell(parts_.guard.trust());
    keep(bus::firewalled("clock", done));
}

}  // namespace patd
