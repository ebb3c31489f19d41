// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "cli/session/options.h"
#include "cli/session/session.h"
#include "common/client/dictionary.h"

#include <string>
#include <vector>

namespace patd::cli {

// Declares --only-unit.
void add_only_units(CLI::App& command, TokenOptions& options);

// Says of each unit that systemd does not know it: a rule on it is good, for it may come, but until
// then nobody gets the token. Nothing where systemd does not answer.
void warn_of_unknown_units(const Session& session, const std::vector<std::string>& units);

// The units of a token's rules, one a line, with their grade ("enforced", "advisory"); "everywhere"
// without a rule.
std::string format_rules(const client::Dictionary& token);

// Whether one of these has rules: then a table has a column for them.
bool has_rules(const std::vector<client::Dictionary>& tokens);
// The cell of that column.
std::string format_short_rules(const client::Dictionary& token);

}  // namespace patd::cli
