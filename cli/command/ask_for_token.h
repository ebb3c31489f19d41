// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "cli/session/options.h"
#include "common/client/tokens_client.h"

namespace patd::cli {

// Asks on the terminal, of which there must be one, for what `patctl create` needs and `given` does
// not say: a description, permissions from the catalogue, which can be searched, where the token is
// used, and when it expires. Then it shows the command line that asks for the same. What is wrong
// is said and asked for again. Cancelled: end of file. Errors of the service's catalogue and
// status.
Result<TokenOptions> ask_for_token(const Session& session, client::TokensClient& client,
                                   const TokenOptions& given);

// The command line that makes the same token without a question.
std::string create_command(const TokenOptions& options);

}  // namespace patd::cli
