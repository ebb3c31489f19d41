// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "cli/converse/messages.h"
#include "common/base/clock.h"
#include "common/client/dictionary.h"
#include "common/token/token_id.h"

namespace patd::cli {

// What the arguments say of a token, as the bus takes it, checked as the service will check it. All
// that is wrong goes into `faults`, with its argument and item.
client::Dictionary to_dictionary(const Arguments& arguments, UnixTime now, Faults& faults);

// Whole ids. NotFound, with its item, for what cannot be one.
std::vector<TokenId> read_ids(const std::vector<std::string>& texts, Faults& faults);

}  // namespace patd::cli
