// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "cli/command/explain_tool.h"
#include "cli/text/style.h"
#include "common/client/tokens_client.h"
#include "common/token/place.h"

#include <optional>
#include <string>
#include <vector>

namespace patd::cli {

// What `patctl explain` was asked.
struct ExplainOptions {
    std::string url;
    std::optional<std::string> unit;
    std::vector<std::string> permissions;
    std::optional<std::string> username;
    std::optional<std::string> user;  // whose tokens, for root
    std::optional<std::string> tool;
    const ToolFacts* facts = nullptr;  // with `tool`
};

// The answer about `remote` as people read it: what happens, why, and the tokens that came close.
std::string format_answer(const client::Explanation& explanation, const ExplainOptions& options,
                          const Remote& remote, const Style& style);

// The same as one phrase without a line's end: the token, or why there is none.
std::string describe_result(const client::Explanation& explanation, const Remote& remote);

}  // namespace patd::cli
