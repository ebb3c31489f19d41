// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "cli/git/git_config.h"
#include "cli/session/session.h"

#include <string>
#include <vector>

namespace patd::cli {

// Once `git credential-store` is not asked any more: of the secrets in its files, for which places
// none of `tokens` is, and how to bring them in, one file a text. Empty where it was not among
// `silenced`, or has none.
std::vector<std::string> tell_of_store(const std::vector<ConfigLine>& silenced,
                                       const std::vector<client::Dictionary>& tokens);

}  // namespace patd::cli
