// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "bench/server.h"

#include <memory>
#include <string>
#include <vector>

namespace patd::bench {

// A redis on a UNIX socket, with as many records as patd has tokens; a value has the size of a
// verify reply.
struct RedisServer {
    std::string socket;
    std::vector<std::string> requests;  // a GET of each record, RESP2
    std::string value;                  // the content of each answer, before "\r\n"
    std::unique_ptr<Background> process;
};

// Throws std::runtime_error.
RedisServer start_redis(const Workspace& workspace);

}  // namespace patd::bench
