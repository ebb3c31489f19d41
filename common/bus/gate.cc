// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "common/bus/gate.h"

namespace patd::bus {

namespace {

// Held until the identity is known: sd-bus frees its own reference when the vtable's function
// returns. No uid, so no Caller: it carries the overflow id, which may do nothing. Whoever loses it
// answers it.
std::shared_ptr<Call> hold_unknown(sd_bus_message* message) {
    const char* sender = sd_bus_message_get_sender(message);
    return std::make_shared<Call>(ref(message),
                                  Caller{Uid(65534), sender == nullptr ? "peer" : sender});
}

}  // namespace

void Gate::admit(sd_bus_message* message, Access access, std::function<void(Call)> handler) {
    identity_.look_up(message, [this, held = hold_unknown(message), access,
                                handler = std::move(handler)](const Result<Uid>& uid) {
        admit_known(std::move(*held), uid, access, handler);
    });
}

void Gate::admit_once(sd_bus_message* message, Access access, std::function<void(Call)> handler) {
    const bool is_silent = sd_bus_message_get_expect_reply(message) <= 0;
    identity_.look_up(message, [this, held = hold_unknown(message), access, is_silent,
                                member = std::string(sd_bus_message_get_member(message)),
                                handler = std::move(handler)](const Result<Uid>& uid) {
        if (!uid)
            return admit_known(std::move(*held), uid, access, handler);
        const Waiting::value_type call{member, *uid};
        if (is_silent && waiting_->contains(call)) {
            // Its sender pays for it all the same.
            if (count_)
                (void)count_(*uid);
            return;
        }
        waiting_->insert(call);
        // Until it is handled, or refused; the gate may be gone by then.
        const std::shared_ptr<const void> waits(
            nullptr, [waiting = waiting_, call](const void*) { waiting->erase(call); });
        admit_known(std::move(*held), uid, access,
                    [waits, handler](Call admitted) { handler(std::move(admitted)); });
    });
}

void Gate::admit_known(Call unknown, const Result<Uid>& uid, Access access,
                       std::function<void(Call)> handler) {
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
