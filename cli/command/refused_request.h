// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "common/client/tokens_client.h"

#include <string>
#include <vector>

namespace patd::cli {

// The service's refusal of a request that named the permissions `typed`, with what the client can
// find out about it: which permission the catalogue does not have, and what comes nearest; which
// expiry this machine demands. Any other error as it is.
Error with_cause(client::TokensClient& client, const std::vector<std::string>& typed,
                 const Error& error);

// Why no token can do `typed`: `error`, or UnknownPermission where the catalogue does not have one
// of them, which then is named.
Error with_mistyped(client::TokensClient& client, const std::vector<std::string>& typed,
                    const Error& error);

}  // namespace patd::cli
