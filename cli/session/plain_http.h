// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "common/token/target.h"

#include <string>
#include <vector>

namespace patd::cli {

// Whether a token for that place would go over the network as it is: http, and not to this machine
// itself.
bool is_plain_http(const Target& target);

// Those of a token's targets, as List gives them, that are.
std::vector<std::string> plain_http_targets(const std::vector<std::string>& targets);

// InvalidTarget for the first of `targets` that is. What is no target is left to others.
Result<void> refuse_plain_http(const std::vector<std::string>& targets);

}  // namespace patd::cli
