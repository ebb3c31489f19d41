// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "common/client/tokens_client.h"

#include <string>
#include <vector>

namespace patd::cli {

// An UnknownPermission of the service, which was asked for `typed`, with what comes nearest in its
// catalogue; any other error as it is.
Error with_nearest_permission(client::TokensClient& client, const std::vector<std::string>& typed,
                              const Error& error);

}  // namespace patd::cli
