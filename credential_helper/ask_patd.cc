// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "credential_helper/ask_patd.h"

#include "common/line/line_client.h"
#include "credential_helper/helper_chain.h"
#include "credential_helper/standard_streams.h"

#include <unistd.h>

#include <utility>

namespace patd::credential_helper {

Result<SecretBuffer> ask_patd(Verb verb, int input, const char* socket_path,
                              const Narrowing& narrowing) {
    // People type longer than patd waits.
    const bool typed = isatty(input) == 1;
    Result<line::LineClient> client = Errc::Unavailable;
    if (!typed)
        client = line::LineClient::connect(socket_path);
    SecretBuffer buffer = TRY(read_request(verb, input, narrowing));
    note_chain(buffer);
    if (typed)
        client = line::LineClient::connect(socket_path);
    TRY(TRY(std::move(client)).exchange_in_place(buffer));
    return buffer;
}

}  // namespace patd::credential_helper
