// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "common/token/token.h"

#include "common/base/limits.h"
#include "common/token/visible_text.h"

#include <algorithm>

namespace patd {

bool is_refused_at(const Token& token, const Origin& origin, std::string_view path) {
    return std::any_of(token.refused.begin(), token.refused.end(),
                       [&](const Target& place) { return place.covers(origin, path); });
}

void refuse_at(Token& token, const Target& place) {
    if (is_refused_at(token, place.origin(), place.path()))
        return;
    token.refused.push_back(place);
    const bool is_left =
        std::any_of(token.targets.begin(), token.targets.end(), [&](const Target& target) {
            return !is_refused_at(token, target.origin(), target.path());
        });
    if (is_left && token.refused.size() <= limits::kRefusedPlaces)
        return;
    token.state = TokenState::Rejected;
    token.refused.clear();
}

void reinstate(Token& token) {
    token.state = TokenState::Active;
    token.refused.clear();
}

std::string_view token_kind_name(TokenKind kind) {
    return kind == TokenKind::Issued ? "issued" : "imported";
}

std::string_view token_state_name(TokenState state) {
    switch (state) {
        case TokenState::Active:
            return "active";
        case TokenState::Rejected:
            return "rejected";
        case TokenState::Quarantined:
            return "quarantined";
    }
    return "";
}

std::string_view secret_kind_name(SecretKind kind) {
    return kind == SecretKind::Aws ? "aws" : "text";
}

std::optional<SecretKind> find_secret_kind(std::string_view name) {
    for (const SecretKind kind : {SecretKind::Text, SecretKind::Aws}) {
        if (name == secret_kind_name(kind))
            return kind;
    }
    return std::nullopt;
}

Result<std::string> parse_description(std::string_view text) {
    if (text.empty() || text.size() > limits::kDescriptionBytes || !is_visible_utf8(text))
        return Errc::InvalidDescription;
    return std::string(text);
}

Result<std::string> parse_username(std::string_view text) {
    if (text.empty() || text.size() > limits::kUsernameBytes || !is_visible_utf8(text))
        return Errc::InvalidUsername;
    return std::string(text);
}

Result<UnixTime> parse_expiry(UnixTime expires, UnixTime now) {
    if (expires == 0)
        return expires;
    if (expires <= now || expires > now + limits::kExpirySecondsMax)
        return Errc::InvalidExpiry;
    return expires;
}

}  // namespace patd
