// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "common/bus/gate.h"

namespace patd::bus {

void Gate::admit(sd_bus_message* message, Access access, std::function<void(Call)> handler) {
    // Held here until the identity is known: sd-bus frees its own reference when we return. No uid,
    // so no Caller: it carries the overflow id, which may do nothing. Whoever loses it answers it.
    const char* sender = sd_bus_message_get_sender(message);
    const auto held = std::make_shared<Call>(
        ref(message), Caller{Uid(65534), sender == nullptr ? "peer" : sender});
    identity_.look_up(
        message, [this, held, access, handler = std::move(handler)](const Result<Uid>& uid) {
            if (!uid)
                return held->fail(uid.error());
            Result<Call::Ticket> ticket = count_ ? count_(*uid) : Call::Ticket();
            if (!ticket)
                return held->fail(ticket.error());
            Call call = std::move(*held).of(*uid, std::move(*ticket));
            if (const Result<void> authorised = authorise_(call.caller(), access); !authorised)
                return call.fail(authorised.error());
            if (!hold_)
                return handler(std::move(call));
            const Uid caller = call.caller().uid;
            hold_(caller, [held_call = std::make_shared<Call>(std::move(call)), handler] {
                handler(std::move(*held_call));
            });
        });
}

}  // namespace patd::bus
