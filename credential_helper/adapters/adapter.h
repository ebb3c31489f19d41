// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "common/base/result.h"
#include "common/base/secret_buffer.h"
#include "credential_helper/adapters/question.h"

#include <span>
#include <string_view>

namespace patd::credential_helper {

// How one tool is started, and what it hears. The helper has a name for each (a link to it), and
// does the rest alike for all: docs/man/pat-tools.7.md. Everything here is pure.

// What a tool says, apart from its arguments.
enum class Reads {
    Nothing,
    Line,      // one line of standard input, which stays open
    All,       // standard input to its end
    ExecInfo,  // the variable KUBERNETES_EXEC_INFO
};

struct Call {
    std::string_view name;  // that the program was started under, without directories
    std::span<const std::string_view> arguments;
    std::span<char> input;  // text that is decoded in place
};

// How a run ends in which nothing is released.
struct Ending {
    int status = 0;
    std::string_view words = {};      // on standard output
    std::string_view complaint = {};  // on standard error
};

struct Adapter {
    std::string_view name;  // of the link
    std::string_view tool;  // as patd is told
    Reads reads = Reads::Nothing;
    std::string_view reads_for = {};  // only when this is among the arguments; "": always
    std::string_view greeting = {};   // written before anything is read
    bool header = false;  // wants what an Authorization header has, not user name and password
    std::string_view secret_kind = {};  // of several parts, which it can write
    Ending none = {};                   // no token fits
    int refused = 1;                    // the status when there is a reason why not
    // MalformedRequest: what the tool said is not what its protocol has. InvalidTarget: no place
    // that patd could know.
    Result<Question> (*parse)(const Call& call) = nullptr;
    // What the tool is to read, appended to `out`. Errors: LimitExceeded, MalformedRequest (what
    // the tool's format cannot carry).
    Result<void> (*write)(const Question& question, const Credential& credential,
                          SecretBuffer& out) = nullptr;
    // The same of a sentence why not, where a tool wants it on standard output.
    Result<void> (*write_refusal)(std::string_view sentence, SecretBuffer& out) = nullptr;
};

}  // namespace patd::credential_helper
