// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "common/base/limits.h"
#include "common/base/service_limits.h"
#include "daemon/store/audit/event.h"

#include <cstddef>
#include <cstdint>

namespace patd::store {

// An owner's events are divided by who can cause them, and the oldest of a share only make room for
// new ones of the same share. Stored as `share`: never renumber them.
enum class EventShare : std::uint8_t {
    Own,      // done by the owner, root or patd
    Use,      // used a secret (a dead one too) or an exposure: done by whoever the owner gave it to
    Refused,  // needed only a token's id, which is no secret: done by anybody
};
inline constexpr std::size_t kShares = 3;

// By what happened, not by which uid did it: a service that asks as root asks for somebody else.
inline EventShare share_of(const Event& event) {
    if (event.event == "verify")
        return event.outcome == "ok" ? EventShare::Use : EventShare::Refused;
    const bool is_use =
        event.event == "alarm" || event.event == "exchange" || event.outcome == "noted";
    return is_use ? EventShare::Use : EventShare::Own;
}

// How many events of a share are kept if `per_owner` of the owner's own are.
inline std::size_t room_of(EventShare share, std::size_t per_owner) {
    return share == EventShare::Refused
               ? per_owner * limits::kStrangerEventsPerUser / limits::kEventsPerUser
               : per_owner;
}

// All shares of an owner together.
inline std::size_t room_of_all(std::size_t per_owner) {
    return room_of(EventShare::Own, per_owner) + room_of(EventShare::Use, per_owner) +
           room_of(EventShare::Refused, per_owner);
}

}  // namespace patd::store
