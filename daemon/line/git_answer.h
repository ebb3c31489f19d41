// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "common/line/line_message.h"
#include "daemon/release/release.h"

#include <optional>

namespace patd {

// The form of an answer to git, depending on what git understands (docs/git-answers.md).

// What the request says that git understands (`capability[]`), and about what it asks for. git
// before 2.46 says nothing.
struct GitAbilities {
    bool authtype = false;   // authtype, credential and ephemeral: no other helper keeps a copy
    bool state = false;      // state[] and continue: git asks again if the server refuses
    bool alone = false;      // `alone=1`: git tells no other helper
    bool negotiate = false;  // the server offers Negotiate: git may have no attempt left
};
GitAbilities read_abilities(const line::LineMessage& request);

// Our own state among those that git hands back; nothing if there is none.
std::optional<ReleaseState> find_state(const line::LineMessage& request);

// Whether git may come back within this command: the first answer may be refused, the second is the
// last.
enum class Chance { First, Last };

// Writes the answer with its blank line. Errors: MalformedRequest (a user name or secret that the
// format cannot carry), LimitExceeded.
Result<void> write_git_answer(SecretBuffer& reply, const Released& released,
                              const GitAbilities& abilities, Chance chance);

}  // namespace patd
