// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace patd::auth {

// Whether the auth lines of a PAM service ask for nothing but the password that `module` knows
// (pam_unix.so), so that who has none there cannot pass. False as soon as there is another module
// that could let somebody in, or anything that this does not follow. `confdir`: instead of
// /etc/pam.d.
bool asks_only(const std::string& service, std::string_view module,
               const std::optional<std::string>& confdir);

}  // namespace patd::auth
