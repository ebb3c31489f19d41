// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "common/base/result.h"
#include "common/base/secret_buffer.h"
#include "credential_helper/credential_request.h"

#include <span>
#include <string>
#include <string_view>

namespace patd::credential_helper {

// What the helper does with a reply or a failure.
struct Outcome {
    std::span<const char> answer;  // for git, on standard output: views the reply
    std::string words;             // the helper's own, on standard output after that
    std::string complaint;         // one sentence for standard error; "" for none
    int status = 0;
};

// The outcome of a reply of the line socket (one message, which must outlive the outcome). Status
// 0: answered, nothing found, a malformed request, or a refusal with quit=1, which stops git before
// it prompts; status 1: patd could not answer. git ignores the output of store and erase, so they
// have none; but git shows what is said on standard error, where `erase` says which token was
// refused. An answer is handed on as it came: it is in git's own format, and has one copy.
Outcome outcome_of_reply(Verb verb, const SecretBuffer& reply);

// The outcome when there is no reply; the sentence names the fix.
Outcome outcome_of_error(Errc code);

// The sentence alone.
std::string_view error_sentence(Errc code);

}  // namespace patd::credential_helper
