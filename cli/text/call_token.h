// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "common/client/dictionary.h"

#include <string>

namespace patd::cli {

// "'laptop' (AbCdE01234)", with `more` behind the id: what a sentence calls a token.
std::string call_token(const client::Dictionary& token, const std::string& more = {});

}  // namespace patd::cli
