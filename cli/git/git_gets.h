// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "cli/session/session.h"
#include "common/token/token_id.h"

#include <map>
#include <string>
#include <vector>

namespace patd::cli {

// Whether of two tokens that fit equally well people have been told already.
enum class Ties { Tell, AreTold };

// What a new or changed token means for git: the service is asked before and after which token it
// would release, so that a token that takes the place of another does not do so without a word.
// Only people are told, on standard error.
class GitGets {
  public:
    // Now, at these targets, or as many of them as are worth the time. What cannot be asked is left
    // out.
    GitGets(const Session& session, client::TokensClient& client,
            const std::vector<std::string>& targets);

    // Where git gets another token than before because of `id`, or none, or not that one.
    void tell_change(const Session& session, client::TokensClient& client, const TokenId& id,
                     Ties ties = Ties::Tell) const;
    // The same, and what else a new token lacks to be of use: a target, an expiry, a git that asks.
    void tell_new(const Session& session, client::TokensClient& client, const TokenId& id) const;

  private:
    std::map<std::string, std::string> released_;  // id by URL; "": none
    std::vector<std::string> targets_;
};

// What of a token was given or changed.
struct Uses {
    bool targets = false;
    bool expiry = false;
};
// Tells people what they may not have meant: no target, no expiry. Not with --json.
void tell_uses(const Session& session, const client::Dictionary& token, const Uses& asked);

}  // namespace patd::cli
