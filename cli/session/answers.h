// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "cli/session/session.h"
#include "common/client/operation.h"

namespace patd::cli {

// Answers the prompts of one operation: from --password-fd and --secret-fd, one line a prompt,
// otherwise from the terminal.
class Answers {
  public:
    explicit Answers(const Session& session)
        : session_(session), terminal_(session.environment().open_terminal()) {}

    // Cancelled: nobody to ask, no line left, end of file.
    Result<SecretBuffer> answer(const client::Prompt& prompt);
    // Info and error texts: on the terminal, else on standard error.
    void show(const client::Prompt& prompt);

  private:
    Result<SecretBuffer> ask(const client::Prompt& prompt, Echo echo);

    const Session& session_;
    Terminal terminal_;
};

}  // namespace patd::cli
