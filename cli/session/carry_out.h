// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "cli/session/session.h"
#include "common/client/operation.h"

namespace patd::cli {

// What an operation will need from the user.
struct Needs {
    bool password = false;      // the step-up: --password-fd or a terminal
    bool token_secret = false;  // a secret made elsewhere: --secret-fd or a terminal
    bool new_secret = false;    // a place for one: standard output if a terminal, or --output-fd
};

// Whether `needs` can be met; called before anything begins, so that nothing is half done.
// Cancelled, with the options that fix it.
Result<void> check_needs(const Session& session, const Needs& needs);

// What answered the first password prompt of an operation, for the next ones of one command.
struct Remembered {
    std::string prompt;
    SecretBuffer answer;
    bool is_right = false;  // an operation went through with it
};

// Goes through a whole operation: answers its prompts, commits, shows a new secret once and
// acknowledges it. When anything fails the operation is cancelled, and a secret that could not be
// written out never becomes valid. Gives the result of Commit without its
// `acknowledge`, which was done.
// What it asks for as a token's secret is `secret` where that is given. A password that was right
// for an earlier operation, `remembered`, is not asked for again.
Result<client::Dictionary> carry_out(const Session& session, client::Operation operation,
                                     const SecretBuffer* secret = nullptr,
                                     Remembered* remembered = nullptr);

}  // namespace patd::cli
