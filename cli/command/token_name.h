// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "cli/text/call_token.h"
#include "common/base/clock.h"
#include "common/client/tokens_client.h"

#include <string>
#include <vector>

namespace patd::cli {

// How people name a token: by its id, a beginning of it that no other has, or its description
// where no other has it. What may be meant in two ways is refused, for a guess could delete the
// wrong one.

// The help of such an option.
inline constexpr char kTokenName[] = "The token: its id, the beginning of it, or its description";

// The one of `tokens` that is meant. NotFound, with the ones that may be meant, or the nearest
// name. Pure.
Result<client::Dictionary> find_named(const std::vector<client::Dictionary>& tokens,
                                      const std::string& name);

// The caller's, with all that Show says of it, or List.
Result<client::Dictionary> find_token(client::TokensClient& client, const std::string& name);
Result<TokenId> find_token_id(client::TokensClient& client, const std::string& name);

Result<TokenId> id_of(const client::Dictionary& token);

// "'laptop' (AbCdE01234, https://git.example, used 2 days ago)"
std::string introduce_token(const client::Dictionary& token, UnixTime now);
// Whether these, of `owner` if it is not the caller, are to go: a question that names each.
std::string format_deletion(const std::vector<client::Dictionary>& tokens, UnixTime now,
                            const std::string& owner = {});

}  // namespace patd::cli
