// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "daemon/context/change.h"

#include "common/bus/firewall.h"

#include <utility>

namespace patd {

void change(Auditor& auditor, bus::Executor& writer, const ChangeEvent& event,
            std::function<Result<void>()> work, std::function<void(Result<void>)> done) {
    const Result<store::BegunEvents> begun =
        auditor.begin(event.caller, event.owner, event.token, event.event, event.where);
    if (!begun) {
        if (event.is_in_force)
            auditor.record_or_owe(event.caller, event.owner, event.event,
                                  std::string(errc_name(begun.error().code)), event.where);
        return done(begun.error());
    }
    bus::Undo not_begun([&] { auditor.withdraw(*begun); });
    bus::run(
        writer,
        [&events = auditor.audit_log(), work = std::move(work)]() -> Result<void> {
            TRY(events.sync_events());
            return work();
        },
        [&auditor, begun = *begun, tells_not_found = event.tells_not_found,
         done = bus::firewalled("end of a change", std::move(done))](const Result<void>& made) {
            if (!made && made.error().code == Errc::NotFound && !tells_not_found)
                auditor.withdraw(begun);
            else
                auditor.end(begun, made ? "ok" : errc_name(made.error().code));
            done(made);
        });
    not_begun.keep();
}

}  // namespace patd
