// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "common/line/line_message.h"
#include "pam_module/endpoint.h"

#include <string>
#include <string_view>

namespace patd::pam {

// Who wants to log in, according to the PAM handle. `service` and `rhost` are text for the audit
// log.
struct Login {
    std::string user;
    std::string service;
    std::string rhost;
};

// One request to patd on the line socket (docs/line-protocol.md).
class PatdRequest {
  public:
    explicit PatdRequest(std::string_view verb);

    // Like LineWriter::add; send() returns an error of any of them.
    PatdRequest& add(std::string_view key, std::string_view value);
    // The attributes of `login`; audit text that the format cannot carry is left out.
    PatdRequest& add(const Login& login);

    // Sends it and returns the reply's bytes, which hold one whole message. Errors: Unavailable
    // (also for a reply that breaks the format), InsecurePeer.
    Result<SecretBuffer> send(const Endpoint& endpoint);

  private:
    SecretBuffer bytes_;
    line::LineWriter writer_;
    Result<void> state_;
};

// Reads a reply to `check` or `verify`. Errors: the one that patd names; Unavailable for a reply
// that is neither valid=1, valid=0 nor error=NAME.
Result<bool> is_valid(const line::LineMessage& reply);

// Parses the bytes of PatdRequest::send; the message keeps viewing them. Unavailable.
Result<line::LineMessage> parse_reply(const SecretBuffer& bytes);

}  // namespace patd::pam
