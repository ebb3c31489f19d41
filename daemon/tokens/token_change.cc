// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "daemon/tokens/token_change.h"

#include <algorithm>

namespace patd {
namespace {

bool covers(const TargetList& wide, const TargetList& narrow) {
    return std::all_of(narrow.begin(), narrow.end(), [&](const Target& target) {
        return std::any_of(wide.begin(), wide.end(),
                           [&](const Target& candidate) { return candidate.covers(target); });
    });
}

bool narrows(const TokenChange& change, const Token& token) {
    if (change.permissions && !covers(*change.permissions, token.permissions))
        return true;
    if (change.targets && !covers(*change.targets, token.targets))
        return true;
    if (change.rules && !change.rules->cover(token.rules))
        return true;
    // Children of the gateway's end with it, and none of an earlier time comes back.
    if (change.through_gateway && *change.through_gateway != token.through_gateway)
        return true;
    const bool ends = change.expires && *change.expires != 0;
    return ends && (token.expires == 0 || *change.expires < token.expires);
}

// The gateway speaks https alone and sends one secret, and what a child may do there is chosen from
// the token's own permissions. What git stored would be stored again.
bool is_fit_for_gateway(const Token& token) {
    return token.kind == TokenKind::Imported && !is_stored_by_git(token) &&
           token.secret_kind == SecretKind::Text && !token.permissions.empty() &&
           std::all_of(token.targets.begin(), token.targets.end(),
                       [](const Target& target) { return target.origin().protocol() == "https"; });
}

}  // namespace

Result<void> apply(const TokenChange& change, Token& token) {
    if (change.username && token.kind == TokenKind::Issued)
        return Errc::InvalidUsername;
    if (change.targets && change.targets->empty() && token.kind == TokenKind::Imported)
        return Errc::InvalidTarget;
    if (narrows(change, token))
        ++token.generation;
    token.description = change.description.value_or(token.description);
    token.permissions = change.permissions.value_or(token.permissions);
    token.targets = change.targets.value_or(token.targets);
    token.rules = change.rules.value_or(token.rules);
    token.username = change.username.value_or(token.username);
    token.expires = change.expires.value_or(token.expires);
    token.confirm = change.confirm.value_or(token.confirm);
    token.secret_kind = change.secret_kind.value_or(token.secret_kind);
    token.through_gateway = change.through_gateway.value_or(token.through_gateway);
    if (token.through_gateway && !is_fit_for_gateway(token))
        return Errc::UnfitForGateway;
    if (change.reinstate)
        reinstate(token);
    return {};
}

}  // namespace patd
