// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "common/token/target.h"

#include <string>

namespace patd::cli {

// git's HTTP library (libcurl) sends what ~/.netrc has for a host when the server has said 401,
// before any helper is asked; a helper is asked only if the server refuses that. It takes the first
// machine of that name or `default`, also one with a login or a password alone.

// What there is to say of that for `origin`, in one sentence with the line; empty where the file
// has nothing for its host, or is not there.
std::string tell_of_netrc(const Origin& origin);
// The command with which its owner takes the line out.
std::string fix_netrc();

}  // namespace patd::cli
