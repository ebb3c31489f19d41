// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include <chrono>
#include <string>

namespace patd::pam {

// Where patd listens, and how long one login waits for it in total.
struct Endpoint {
    std::string path;
    std::chrono::milliseconds deadline;
};

// The line socket: a compile-time constant, never from arguments or the environment of the host
// process. Tests link their own.
Endpoint line_endpoint();

}  // namespace patd::pam
