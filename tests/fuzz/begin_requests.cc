// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "auth/begin_request.h"
#include "common/line/line_message.h"
#include "tests/fuzz/input.h"
#include "tests/fuzz/targets.h"

namespace patd::fuzz {

// What patd-auth is asked: whoever is meant was named by the text.
void begin_requests(std::string_view input) {
    const Result<auth::BeginRequest> request = auth::parse_begin(input);
    if (!request)
        return;
    std::size_t consumed = 0;
    const auto message = line::LineMessage::parse(input, true, consumed);
    require(message && message->has_value(), "a request has the line format");
    require((*message)->get("user") == request->user, "the account is the named one");
    if (request->uid)
        require(Uid::parse((*message)->get("uid")) == request->uid, "the uid is the named one");
    else
        require(request->op == auth::Op::Check, "only a check may be of nobody");
    if (request->op == auth::Op::Check)
        require(request->caller.value() == 0, "only root checks for a service");
    if (request->op == auth::Op::State)
        require(request->uid == request->caller, "one asks for one's own state");
}

}  // namespace patd::fuzz
