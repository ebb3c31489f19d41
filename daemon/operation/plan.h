// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "common/base/limits.h"
#include "common/base/secrets.h"
#include "common/bus/dict.h"
#include "common/bus/done.h"

#include <functional>
#include <memory>
#include <string>

namespace patd {

// The result of a commit.
struct Committed {
    bus::Dict result;  // for the client; never a secret
    // A new secret for the client's sink; null if there is none.
    std::shared_ptr<const TokenSecret> secret;
    // Makes it final, once the client has the secret. Unset if the commit was final.
    std::function<void(Done)> acknowledge;
};

// A sensitive request with its parameters checked and frozen: what must be proven, and what is then
// done. Dropping a Plan changes nothing.
struct Plan {
    enum class StepUp { None, Authenticate, SetPassword };

    StepUp step_up = StepUp::Authenticate;
    // Set if the step-up itself changes something. An error of the first keeps the step-up from
    // beginning; the second is called when it has begun and ended.
    std::function<Result<void>()> step_up_begins = {};
    std::function<void(const Result<void>& outcome)> step_up_ended = {};
    // If not empty: the account whose token this is about. If its uid was since given to somebody
    // else, they must not begin it.
    std::string owner_name;
    // How many operations it counts as: its client decides how much memory it takes.
    std::size_t weight = 1;
    // If not empty: the client is first asked, with this text, for a token's secret of at most that
    // many bytes.
    std::string secret_prompt;
    std::size_t secret_bytes_max = limits::kTokenSecretBytes;
    // Called at most once, on the loop's thread; `given` is that secret. Calls back exactly once.
    std::function<void(TokenSecret given, std::function<void(Result<Committed>)>)> commit;
};

}  // namespace patd
