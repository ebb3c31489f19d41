// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "common/bus/call.h"
#include "common/bus/dict.h"
#include "daemon/context/context.h"

namespace patd {

// Whose events a caller may ask for: an owner's own, or anybody's with the option "uid".
enum class EventScope { Own, All };

// Answers ListEvents of Manager and of Admin (org.patd.Tokens1.xml): reads the options, looks the
// events up off the loop, and replies. MalformedRequest, UnknownOption, NotFound (not a token's
// id).
void answer_events(bus::Call call, const Context& context, EventScope scope);

}  // namespace patd
