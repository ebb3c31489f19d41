// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "cli/import/credential_file.h"

#include <string>
#include <string_view>
#include <vector>

namespace patd::cli {

// The format of .netrc, as curl reads it: `machine HOST login NAME password SECRET`, on one line or
// several, keywords in any case, values in double quotes or not, comments where a word begins. The
// place is https://HOST. `user` and `passwd`, which others know, are read too. What is no
// credential for one machine is passed over: `default`, a macro up to its blank line, a machine
// without a password, words that curl does not know. Everything is told by the line of its
// `machine`.
void parse_netrc(std::string_view text, Credentials& credentials);

// What curl may send something of: also a default, and a machine with a login or a password alone.
struct NetrcMachine {
    std::size_t line;
    std::string host;  // "": every one
};
// In the order of the file.
std::vector<NetrcMachine> list_netrc_machines(std::string_view text);

// Whether a file that begins with this word is one.
bool is_netrc_word(std::string_view word);

}  // namespace patd::cli
