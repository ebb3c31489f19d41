// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "cli/session/options.h"
#include "common/base/secrets.h"

#include <optional>
#include <string>
#include <vector>

namespace patd::cli {

// What a script wants a token for, as typed (exec, get).
struct ScriptTokenOptions {
    std::vector<std::string> permissions;
    std::optional<std::string> url;
    std::optional<std::string> username;
    std::optional<std::string> ttl;
    bool through_gateway = false;
};

void add_script_token_options(CLI::App& command, ScriptTokenOptions& options);

struct ScriptSecret {
    TokenSecret secret;
    std::string url;  // where it is for: the target, or its URL at the gateway
};

// The secret that patd releases to this process for it, over the line socket as to git: of an
// issued token a child. Without a URL, the one target of the only live token of the caller's that
// covers the permissions. NotFound: no token fits; InvalidTarget: no URL, and not exactly one
// token with one target; NoGateway; else why there is none (Locked, Expired, ...), or the Invalid*
// errors.
Result<ScriptSecret> fetch_secret(const Session& session, const ScriptTokenOptions& options);

}  // namespace patd::cli
