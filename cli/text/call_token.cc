// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "cli/text/call_token.h"

#include "cli/text/table.h"

namespace patd::cli {

std::string call_token(const client::Dictionary& token, const std::string& more) {
    return "'" + printable(token.text("description")) + "' (" + printable(token.text("id")) + more +
           ")";
}

}  // namespace patd::cli
