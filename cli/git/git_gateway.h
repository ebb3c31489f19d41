// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "cli/session/session.h"

#include <set>
#include <string>
#include <vector>

namespace patd::cli {

// git's configuration for the gateway (patd-gateway(5)): in a block of its own at the end of the
// user's file, git's url.GATEWAY/HOST/.insteadOf for each forge of a token that goes through it,
// and that git tells the helper the path there.

// The forges of `tokens` that go through the gateway, as origins.
std::set<std::string> gateway_forges(const std::vector<client::Dictionary>& tokens);

// Where git, run here and now, goes for `url`; Unavailable: no git.
Result<std::string> git_url_of(const std::string& url);
// The same for a URL below `forge`.
Result<std::string> git_goes_to(const std::string& forge);
// Whether git goes elsewhere than to `gateway` for one of `forges`. Not where it cannot be asked.
bool needs_way(const std::string& gateway, const std::set<std::string>& forges);
// The forges that the user's file sends to a gateway since `patctl setup gateway`.
std::set<std::string> forges_set_up();
// The gateway's URL of `forge`.
std::string gateway_url(const std::string& gateway, const std::string& forge);

// What git has to be told: lines of its configuration.
std::string format_gateway(const std::string& gateway, const std::set<std::string>& forges);

// `patctl setup gateway`: writes it anew, and says where git goes then. NoGateway: the service has
// none. NotFound: no token goes through it.
Result<ExitCode> set_up_gateway(const Session& session);
// `patctl setup gateway --undo`
Result<ExitCode> undo_gateway(const Session& session);

}  // namespace patd::cli
