// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "common/base/secret_buffer.h"
#include "http/request_reader.h"
#include "http/response.h"

#include <functional>
#include <string>
#include <string_view>

namespace patd::web {

// Who is connected, as the kernel said.
struct WebPeer {
    std::string name;             // "uid 33", or the address
    bool may_introspect = false;  // without a token
    bool says_client = false;     // what it says of its client's address is believed
    bool is_gateway = false;      // asks for secrets, and for nothing else

    bool is_named() const {
        return may_introspect || says_client || is_gateway;
    }  // by the settings
};

// One request under way. It lives, with all that it refers to, until `done` was called.
struct Visit {
    const Request& request;
    const WebPeer& peer;
    SecretBuffer& scratch;  // empty; for what is decoded, and for a response's body
    std::function<void(const Response&)> done;  // exactly once
    std::string_view audience = {};             // the server's that asks, once it is read

    // The client's address as a trusted peer says it; "" if none does.
    std::string_view client() const;
    // Who is refused what this asks for: the client's place, else the peer. "": a loopback address,
    // behind which anybody on this machine may be; one of them must not have the others refused.
    std::string place() const;
};

}  // namespace patd::web
