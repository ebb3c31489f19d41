// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "common/client/connection.h"
#include "common/client/sink.h"

#include <optional>
#include <string>

namespace patd::client {

// What Operation.Next asks for (org.patd.Tokens1.xml).
enum class PromptKind { Secret, Visible, Info, ErrorText, TokenSecret, Done };

struct Prompt {
    PromptKind kind;
    std::string text;  // for the user, in the service's words: print it without control bytes
    UniqueFd sink;     // where the answer goes: write_into, then next() again
};

// A sensitive request in progress. Its calls are the interface's, in order: next until Done,
// commit, acknowledge. Thread rule: one thread at a time.
class Operation {
  public:
    Operation(Connection connection, std::string path)
        : connection_(std::move(connection)), path_(std::move(path)) {}

    Result<Prompt> next();
    // Carries it out; a new secret goes into `sink`. From here on the connection gives up no call:
    // whoever asked for the change learns whether it was made.
    Result<Dictionary> commit(const SecretSink& sink);
    Result<void> acknowledge();
    Result<void> cancel();

  private:
    Result<Message> call(const char* member);

    Connection connection_;
    std::string path_;
};

}  // namespace patd::client
