// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include <string_view>

namespace patd {

// Whether `text`, given as a user name, is really a token of a known forge or of patd
// (`https://ghp_...@host`): tables and logs show user names. Errs towards no: a short name is never
// taken for a token.
bool looks_like_token(std::string_view text);

}  // namespace patd
