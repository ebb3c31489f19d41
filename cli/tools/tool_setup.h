// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "cli/session/session.h"
#include "cli/tools/tool.h"

namespace patd::cli::tools {

// `patctl setup TOOL`: shows what is different then, and, unless `dry_run`, writes it. All files
// are worked out before the first is written. Unusable: there is no such tool.
Result<ExitCode> set_up_tool(const Session& session, const std::string& name, const Order& order,
                             bool dry_run);

// `patctl setup --list`.
Result<ExitCode> list_tools(const Session& session);

}  // namespace patd::cli::tools
