// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "common/base/clock.h"
#include "common/base/unique_fd.h"
#include "common/client/tokens_client.h"

#include <functional>
#include <string>

namespace patd::cli {

// What patctl touches outside itself. main gives the real things; a test gives pipes, a
// pseudo-terminal and a service of its own.
struct Environment {
    std::function<Result<client::TokensClient>()> connect;
    // The user's own service, for --session.
    std::function<Result<client::TokensClient>()> connect_session = nullptr;
    // The controlling terminal; none when there is none.
    std::function<UniqueFd()> open_terminal;
    std::reference_wrapper<const Clock> clock;
    std::string enroll_socket;
    std::string line_socket{};
    // Stands before the paths that `doctor` looks at; empty on the real machine.
    std::string root{};
    int input = 0;
    int output = 1;
    int errors = 2;
};

}  // namespace patd::cli
