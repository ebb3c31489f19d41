// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "cli/session/session.h"
#include "common/client/operation.h"

#include <string>

namespace patd::cli {

// Who answers the prompts of a conversation.
class Asker {
  public:
    virtual ~Asker() = default;

    // To a prompt that asks. An error ends the conversation.
    virtual Result<SecretBuffer> answer(const client::Prompt& prompt) = 0;
    // What needs no answer.
    virtual void show(const client::Prompt& prompt) = 0;
    // How the conversation ended, as it is to be told.
    virtual Error failed(const Error& error) = 0;
};

// Answers the prompts of one operation: from --password-fd and --secret-fd, one line a prompt,
// otherwise from the terminal.
class Answers final : public Asker {
  public:
    explicit Answers(const Session& session)
        : session_(session), terminal_(session.environment().open_terminal()) {}

    // Cancelled: nobody to ask, no line left, end of file.
    Result<SecretBuffer> answer(const client::Prompt& prompt) override;
    // Info and error texts: on the terminal, else on standard error. The last error text waits for
    // what comes next: it may be the reason of a refusal.
    void show(const client::Prompt& prompt) override;
    // How the conversation ended. A password that was refused is told in the words of the error
    // text before it, where there are some.
    Error failed(const Error& error) override;
    void done() { show_waiting(); }

  private:
    Result<SecretBuffer> ask(const client::Prompt& prompt, Echo echo);
    void show_waiting();
    void show_text(const std::string& text);

    const Session& session_;
    Terminal terminal_;
    std::string waiting_;  // an error text
};

}  // namespace patd::cli
