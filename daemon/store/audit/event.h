// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "common/token/token.h"

#include <compare>
#include <cstdint>
#include <optional>
#include <string>

namespace patd::store {

// One thing that happened to an owner's tokens. Never holds a secret.
struct Event {
    UnixTime at = 0;
    Uid owner;
    std::optional<TokenId> token;
    Uid by;                   // effective uid of the caller
    std::string event;        // create import edit regenerate delete remove-all lock unlock confirm
                              // password release verify store erase alarm
    std::string outcome;      // "ok", an errc_name, a reason of a refused verify, "begun" (see
                              // AuditLog::begin), or "many": what was refused in a minute beyond
                              // the rows that it may have
    std::string where;        // a target, a PAM service, ...; AuditLog cuts it
    std::uint32_t count = 1;  // verifies and alarms of one minute are one event
    std::string unit = {};    // of the caller, where it was asked for; else ""

    friend auto operator<=>(const Event&, const Event&) = default;
};

}  // namespace patd::store
