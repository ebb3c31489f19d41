// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "common/bus/call_guard.h"

namespace patd::bus {

// No uid is known yet, so the Caller carries the overflow id, which may do nothing.
CallGuard::Held CallGuard::hold(sd_bus_message* message) {
    const char* sender = sd_bus_message_get_sender(message);
    return std::make_shared<Call>(ref(message),
                                  Caller{Uid(65534), sender == nullptr ? "peer" : sender});
}

void CallGuard::admit(const Held& held, Access access, std::function<void(Call)> handler) {
    identity_.look_up(held->message(),
                      [this, held, access, handler = std::move(handler)](const Result<Uid>& uid) {
                          admit_known(std::move(*held), uid, access, handler);
                      });
}

void CallGuard::admit_once(const Held& held, Access access, std::function<void(Call)> handler) {
    const std::string member = sd_bus_message_get_member(held->message());
    identity_.look_up(held->message(), [this, held, access, member,
                                        handler = std::move(handler)](const Result<Uid>& uid) {
        if (!uid)
            return admit_known(std::move(*held), uid, access, handler);
        const Waiting::value_type call{member, *uid};
        if (!held->wants_reply() && waiting_->contains(call)) {
            // Its sender pays for it anyway.
            if (count_)
                (void)count_(*uid);
            return held->reply();  // goes to nobody; dropping the call would log it as lost
        }
        // Counted until it is handled or refused; the gate may be gone by then.
        const std::shared_ptr<const void> waits(
            nullptr, [waiting = waiting_, place = waiting_->insert(call)](const void*) {
                waiting->erase(place);
            });
        admit_known(std::move(*held), uid, access,
                    [waits, handler](Call admitted) { handler(std::move(admitted)); });
    });
}

void CallGuard::admit_known(Call unknown, const Result<Uid>& uid, Access access,
                            const std::function<void(Call)>& handler) {
    if (!uid)
        return unknown.fail(uid.error());
    Result<Call::Ticket> ticket = count_ ? count_(*uid) : Call::Ticket();
    if (!ticket)
        return unknown.fail(ticket.error());
    Call call = std::move(unknown).of(*uid, std::move(*ticket));
    if (const Result<void> authorised = authorise_(call.caller(), access); !authorised)
        return call.fail(authorised.error());
    if (!hold_)
        return handler(std::move(call));
    const Uid caller = call.caller().uid;
    hold_(caller, [held_call = std::make_shared<Call>(std::move(call)), handler] {
        handler(std::move(*held_call));
    });
}

}  // namespace patd::bus
