// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "common/line/line_message.h"
#include "daemon/release/release.h"

#include <optional>

namespace patd {

// How an answer to git looks, by what git understands (docs/git-answers.md).

// What a request says that git understands (`capability[]`), and of what it asks for. git before
// 2.46 says nothing.
struct GitAbilities {
    bool authtype = false;   // authtype, credential and ephemeral: no other helper keeps a copy
    bool state = false;      // state[] and continue: git asks again when the server refuses
    bool alone = false;      // `alone=1`: git tells no other helper
    bool negotiate = false;  // the server offers Negotiate: git may have no try left to come back
};
GitAbilities read_abilities(const line::LineMessage& request);

// The state of ours among those that git hands back; nothing when there is none.
std::optional<ReleaseState> find_state(const line::LineMessage& request);

// Whether git may come back within this command: the first answer may be refused, the second is
// the last one.
enum class Chance { First, Last };

// Writes the answer with its blank line. Errors: MalformedRequest (a user name or secret that the
// format cannot carry), LimitExceeded.
Result<void> write_git_answer(SecretBuffer& reply, const Released& released,
                              const GitAbilities& abilities, Chance chance);

}  // namespace patd
