// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "cli/doctor/findings.h"
#include "cli/doctor/machine.h"
#include "common/client/tokens_client.h"

#include <optional>
#include <vector>

namespace patd::cli::doctor {

// What the service itself says, asked once for all checks. All of it may be missing.
struct Answers {
    std::optional<Error> unreachable;
    std::vector<client::Dictionary> tokens;  // the caller's own
    bool has_tokens = false;                 // they were told
    std::optional<client::Dictionary> status;
    std::optional<client::Dictionary> admin_status;  // for root
    UnixTime newest_event = 0;
};

Answers ask_service(const Machine& machine, Result<client::TokensClient> client);

// Runs every check. It changes nothing on the machine.
Findings examine(const Machine& machine, const Answers& answers);

}  // namespace patd::cli::doctor
