// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "common/base/uid.h"
#include "common/line/line_message.h"
#include "common/password/account.h"

#include <optional>
#include <string>
#include <string_view>

namespace patd::auth {

enum class Op { Authenticate, Check, Change, State, Enroll, Admin };

// The payload of a Begin frame (docs/step-up-protocol.md).
struct BeginRequest {
    Op op;
    Uid caller;
    // Unset: patd knows no owner of this name (Check only), and the answer must not tell.
    std::optional<Uid> uid;
    std::string user;
    std::string rhost;  // for PAM_RHOST; "" when absent
};

// The one message of a first frame, whatever it asks. MalformedRequest.
Result<line::LineMessage> parse_lines(std::string_view payload);

// MalformedRequest: breaks the line format, lacks an attribute, names an unknown op, or is a Check
// of another than root, or a State of another than the caller.
Result<BeginRequest> parse_begin(std::string_view payload);

// The account that the request is about. AccessDenied if there is none of exactly this name, if it
// has another uid than the client thinks, or if it may not own tokens. Unavailable. For a request
// without a uid, after the same look-up, an account with a uid that nobody has (-1): whatever it
// proves counts for nothing.
Result<password::Account> resolve(const BeginRequest& request);

}  // namespace patd::auth
