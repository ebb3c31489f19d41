// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "daemon/context/reuse_alarm.h"

#include "common/base/log_messages.h"
#include "common/bus/firewall.h"
#include "daemon/context/change.h"

#include <unistd.h>

namespace patd {

void ReuseAlarm::raise(const Caller& caller, const store::Tombstone& dead, const Showing& showing) {
    if (parts_.auditor.record_alarm(caller, {dead.id, dead.owner}, showing.where))
        tell(caller, dead, showing);
    if (parts_.state.settings.on_reuse == OnReuse::Revoke)
        revoke(dead);
}

void ReuseAlarm::tell(const Caller& caller, const store::Tombstone& dead, const Showing& showing) {
    log(messages::kDeadSecret, {{"TOKEN", dead.id.text()},
                                {"UID", std::to_string(dead.owner.value())},
                                {"CALLER", std::to_string(caller.uid.value())},
                                {"BY", showing.how}});
    parts_.subscriptions.tell({.kind = OwnerSignal::Kind::SecretReused,
                               .owner = dead.owner,
                               .token = dead.id,
                               .how = showing.how});
}

void ReuseAlarm::revoke(const store::Tombstone& dead) {
    const Result<store::StoredTokenPtr> alive = parts_.store.find(dead.id);
    // A damaged record is removed as well; a missing one, or somebody else's, is not.
    if (alive && (!*alive || (*alive)->token.owner != dead.owner))
        return;
    // Otherwise each showing before the first is done would push out one of the owner's own events.
    if (!under_way_.insert(dead.id).second)
        return;
    bus::Undo forget([&] { under_way_.erase(dead.id); });
    const Caller self{Uid(geteuid()), {}};
    change(
        parts_.auditor, parts_.writer,
        {self, dead.owner, dead.id, "delete", "OnReuse=revoke", false},
        [&store = parts_.store, dead, now = parts_.clock.now()] {
            return store.remove(dead.id, dead.owner, now);
        },
        [this, id = dead.id](const Result<void>& removed) {
            under_way_.erase(id);
            // NotFound: it was ended meanwhile. Otherwise the next showing tries again.
            if (!removed && removed.error().code != Errc::NotFound)
                log(messages::kRequestFailed, removed.error(), {{"WHERE", "OnReuse=revoke"}});
        });
    forget.keep();
}

}  // namespace patd
