// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "cli/converse/conversation.h"

namespace patd::cli {

// All of a conversation but its last message: what begin asks for is checked, carried out, and put
// into the conversation's result. Why it was not is in its faults, or the error.
Result<void> operate(const Session& session, Conversation& conversation);

}  // namespace patd::cli
