// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "common/base/result.h"
#include "common/base/secret_buffer.h"
#include "credential_helper/credential_request.h"

#include <array>

namespace patd::credential_helper {

// The line sockets of the user's own service and of the system's (line_client.h says which paths
// they may be).
struct Sockets {
    const char* own;
    const char* system;
};

// Where the user's own service listens: below /run/user/UID, which only root makes, and never where
// the environment says.
using OwnSocketPath = std::array<char, 64>;  // closed by a NUL
OwnSocketPath own_socket_path();

// Reads the request from the descriptor `input`, asks, and gives the reply to act upon.
//
// Without an own service (nothing accepts a connection there) it is ask_patd of the system's. With
// one it is asked first, and then, as the verb wants:
//   get    the system's service, unless the own one has a match. A match of either beats a refusal
//          or a silence of the other; without a match the own service's refusal is what is told;
//   erase  both, because the one that does not know the secret does nothing;
//   store  the own one alone: what one of the two released must not be kept by the other too.
// Errors: those of ask_patd.
Result<SecretBuffer> ask_services(Verb verb, int input, const Sockets& sockets,
                                  const Narrowing& narrowing = {});
// The same of a request that is complete.
Result<SecretBuffer> ask_services(Verb verb, SecretBuffer request, const Sockets& sockets);

}  // namespace patd::credential_helper
