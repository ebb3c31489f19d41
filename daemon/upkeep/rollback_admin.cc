// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "daemon/upkeep/rollback_admin.h"

#include "common/base/log_messages.h"
#include "common/bus/firewall.h"
#include "daemon/context/change.h"
#include "daemon/store/tokens/store_admin.h"

#include <memory>
#include <utility>

namespace patd {
namespace {

using store::Death;
using store::StoreAdmin;
using Living = WitnessKeeper::Living;

constexpr char kAcceptRollback[] = "accept-rollback";
// Its list is not there to be decided upon, and would be overwritten.
constexpr char kUnread[] = "patd-auth does not say what has died; see: journalctl -u 'patd-auth@*'";

Result<void> end_again(store::TokenStore& store, const Living& living, UnixTime now) {
    const Death& death = living.death;
    if (!death.token)
        return store.set_locked(death.owner, true);
    const Result<void> removed = store.remove(*death.token, death.owner, now);
    // Whoever has it now has it rightly.
    return !removed && removed.error().code == Errc::NotFound ? Result<void>() : removed;
}

// On the writer: first what dies again, then the rows count.
Result<void> take_over(store::TokenStore& store, const std::vector<Living>& ending, UnixTime now,
                       const std::function<Result<void>()>& acceptance) {
    const std::shared_ptr<store::Anchor> anchor = TRY(StoreAdmin(store).anchor());
    anchor->mend(true);
    Result<void> done;
    for (const Living& living : ending) {
        if (done)
            done = end_again(store, living, now);
    }
    anchor->mend(false);
    return done ? acceptance() : done;
}

}  // namespace

void RollbackAdmin::accept(const Caller& root, const Choice& choice,
                           std::function<void(Result<Report>)> callback) {
    if (accepting_)
        return callback(Errc::Busy);
    Report report{false, keeper_.rollback(), true, 0, {}};
    if (report.why != Rollback::None)
        report = {false, report.why, keeper_.knows_all(), keeper_.known_until(), keeper_.living()};
    if (!choice.dry_run && report.why != Rollback::None && keeper_.state() == WitnessState::Unread)
        return callback(Error{Errc::Unavailable, kUnread});
    const bool is_harmless = report.living.empty() && report.knows_all;
    report.done = !choice.dry_run && (is_harmless || choice.keep_dead || choice.revive);
    if (!report.done)
        return callback(std::move(report));
    accepting_ = true;
    bus::Undo undo([this] { accepting_ = false; });
    const auto held = std::make_shared<const Report>(std::move(report));
    const std::vector<Living> ending = choice.keep_dead ? held->living : std::vector<Living>();
    change(
        context_.auditor, context_.writer, {root, Uid(0), std::nullopt, kAcceptRollback},
        [&store = context_.store, ending, now = context_.clock.now(),
         acceptance = keeper_.make_acceptance(), held]() -> Result<void> {
            if (held->why == Rollback::None)
                return StoreAdmin(store).write_note(store::Note::WitnessLost, 0);
            return take_over(store, ending, now, acceptance);
        },
        [this, root, choice, held, callback](const Result<void>& done) {
            accepting_ = false;
            if (!done)
                return callback(done.error());
            if (held->why == Rollback::None) {
                callback(*held);
                return keeper_.forget_gone_counter();
            }
            finish(root, choice, *held);
            keeper_.accepted(choice.revive ? held->living : std::vector<Living>(),
                             [held, callback] { callback(*held); });
        });
    undo.keep();
}

void RollbackAdmin::finish(const Caller& root, const Choice& choice, const Report& report) {
    log(messages::kRollbackAccepted, {{"STATE", std::string(rollback_name(report.why))}});
    for (const Living& living : report.living) {
        const Death& death = living.death;
        if (choice.keep_dead && !death.token)
            context_.locks.set_locked(death.owner, true);
        const char* const ended = death.token ? "delete" : "lock";
        const char* const revived = death.token ? "restore" : "unlock";
        context_.auditor.record_done(root, death.owner, death.token,
                                     choice.keep_dead ? ended : revived, "ok");
    }
    if (accepted_)
        accepted_();
}

}  // namespace patd
