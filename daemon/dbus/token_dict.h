// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "common/bus/dict.h"
#include "common/token/token.h"
#include "daemon/tokens/token_change.h"

namespace patd {

// Which keys a method takes: an option documented for another method is unknown here.
enum class ChangeKeys { Create, Import, Update, Regenerate };

// Reads the options of org.patd.Tokens1.xml. UnknownOption, and the Invalid... error of each field.
Result<TokenChange> parse_token_change(bus::Dict options, ChangeKeys keys, UnixTime now);

// The moment at which a token is described: those that expire before `soon` are marked.
struct DescribedAt {
    UnixTime now = 0;
    UnixTime soon = 0;
};

// The D-Bus dictionary of a token.
bus::Dict describe(const Token& token, const LastUse& last_use, const DescribedAt& at);

}  // namespace patd
