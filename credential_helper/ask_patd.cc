// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "credential_helper/ask_patd.h"

#include "common/line/line_client.h"
#include "credential_helper/helper_chain.h"
#include "credential_helper/standard_streams.h"

#include <unistd.h>

#include <utility>

namespace patd::credential_helper {

Result<SecretBuffer> ask_patd(Verb verb, int input, Connected service, const Narrowing& narrowing) {
    SecretBuffer buffer = TRY(read_request(verb, input, narrowing));
    note_chain(buffer);
    // People type longer than patd waits.
    if (isatty(input) == 1)
        service.client = line::LineClient::connect(service.path);
    TRY(TRY(std::move(service.client)).exchange_in_place(buffer));
    return buffer;
}

}  // namespace patd::credential_helper
