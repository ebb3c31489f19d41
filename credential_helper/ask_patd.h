// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "common/base/result.h"
#include "common/base/secret_buffer.h"
#include "common/line/line_client.h"
#include "credential_helper/credential_request.h"

namespace patd::credential_helper {

// A line socket, and what came of connecting to it (line_client.h says which path it may have).
struct Connected {
    const char* path;
    Result<line::LineClient> client = line::LineClient::connect(path);
};

// Reads the request from the descriptor `input`, sends it to the service, and gives the reply: one
// whole message. It was connected first, so that patd gets ready while the input is read; nothing
// is sent before the input is whole and well-formed. Errors: MalformedRequest (read_request), and
// those of LineClient.
Result<SecretBuffer> ask_patd(Verb verb, int input, Connected service,
                              const Narrowing& narrowing = {});

}  // namespace patd::credential_helper
