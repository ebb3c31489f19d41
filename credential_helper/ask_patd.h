// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "common/base/result.h"
#include "common/base/secret_buffer.h"
#include "credential_helper/credential_request.h"

namespace patd::credential_helper {

// Reads the request from the descriptor `input`, sends it to the line socket at `socket_path`
// (line_client.h says which path that may be), and gives the reply: one whole message. It connects
// first, so that patd gets ready while the input is read; nothing is sent before the input is whole
// and well-formed. Errors: MalformedRequest (read_request), and those of LineClient.
Result<SecretBuffer> ask_patd(Verb verb, int input, const char* socket_path,
                              const Narrowing& narrowing = {});

}  // namespace patd::credential_helper
