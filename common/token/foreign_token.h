// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include <string_view>

namespace patd {

// Whether `text`, which stands where a user name belongs, is a token of a known forge or of patd's
// own (`https://ghp_...@host`): tables and logs show user names. Errs towards no: a name of a few
// letters is never taken for one.
bool looks_like_token(std::string_view text);

}  // namespace patd
