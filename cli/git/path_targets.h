// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "cli/session/session.h"

#include <set>
#include <string>
#include <vector>

namespace patd::cli {

// Targets that name a path, and git, which tells a helper the path of a URL only where
// credential.useHttpPath says so: without it no such target ever matches. Of mail git tells it
// always.

// Where one of `targets` is bound to a path; what is no target is skipped.
std::set<std::string> path_bound_origins(const std::vector<std::string>& targets);
// The same of all `tokens` but those that go through the gateway, where `setup gateway` sees to it.
std::set<std::string> path_bound_origins(const std::vector<client::Dictionary>& tokens);
// Tells people where git, run here, does not send it, and what to do; not with --json.
void warn_of_paths(const Session& session, const std::vector<std::string>& targets);

}  // namespace patd::cli
