// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "cli/text/derived_children.h"
#include "cli/text/table.h"
#include "common/base/clock.h"
#include "common/client/dictionary.h"

#include <string>
#include <vector>

namespace patd::cli {

// Tokens for people: one a row. Where there is no room for all columns, they go in this order:
// ONLY FOR, USERNAME, KIND, PERMISSIONS, LAST USED.
std::string format_tokens(const std::vector<client::Dictionary>& tokens, UnixTime now,
                          const Style& style);
// Tokens of more than one user, for root. The same order, but LAST USED goes before PERMISSIONS.
std::string format_owned(const std::vector<client::Dictionary>& tokens, UnixTime now,
                         const Style& style);
// One token with all that is known about it, and what was derived of it lately.
std::string format_token(const client::Dictionary& token, const std::vector<DerivedChild>& children,
                         UnixTime now, const Style& style = {});

// The account name of `uid`, or the number when there is none.
std::string format_user(std::uint32_t uid);

}  // namespace patd::cli
