// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "daemon/line/git_answer.h"

#include "common/token/base64url.h"
#include "common/token/imported_secret.h"

#include <algorithm>
#include <string>

namespace patd {
namespace {

constexpr std::string_view kCapability = "capability[]";
constexpr std::string_view kState = "state[]";
constexpr std::string_view kChallenge = "wwwauth[]";

// Whether a WWW-Authenticate header offers the scheme, in any case, alone or among others.
bool offers_negotiate(std::string_view challenge) {
    constexpr std::string_view kNegotiate = "negotiate";
    return std::search(challenge.begin(), challenge.end(), kNegotiate.begin(), kNegotiate.end(),
                       [](char c, char small) { return (c | 0x20) == small; }) != challenge.end();
}

std::string_view text_of(const SecretBuffer& buffer) {
    return {buffer.reveal().data(), buffer.size()};
}

std::string_view password_of(const Released& released) {
    const std::span<const char> password = released.password.reveal();
    return {password.data(), password.size()};
}

std::string_view refresh_of(const Released& released) {
    const std::span<const char> refresh = released.refresh.reveal();
    return {refresh.data(), refresh.size()};
}

// base64 of `user:password`, RFC 7617. Every copy is in a SecretBuffer.
Result<SecretBuffer> encode_basic(const Released& released) {
    SecretBuffer plain(released.username.size() + 1 + released.password.size());
    TRY(plain.append(released.username));
    TRY(plain.append(std::string_view(":")));
    TRY(plain.append(password_of(released)));
    SecretBuffer encoded((plain.size() + 2) / 3 * 4);
    TRY(append_base64(encoded, plain.reveal()));
    return encoded;
}

// Of a secret with parts, which only who knows that kind asks for.
Result<void> add_parts(line::LineWriter& writer, const Released& released) {
    const SecretParts parts = divide_secret(released.password.reveal());
    TRY(writer.add("username", released.username));
    TRY(writer.add("password", {parts.secret.data(), parts.secret.size()}));
    if (parts.session_token)
        TRY(writer.add("session_token",
                       {parts.session_token->data(), parts.session_token->size()}));
    return {};
}

Result<void> add_abilities(line::LineWriter& writer, const GitAbilities& abilities) {
    if (abilities.authtype)
        TRY(writer.add(kCapability, "authtype"));
    if (abilities.state)
        TRY(writer.add(kCapability, "state"));
    return {};
}

Result<void> add_credential(line::LineWriter& writer, const Released& released,
                            const GitAbilities& abilities) {
    if (released.is_expired)
        return writer.add("username", released.username);
    // Neither name nor password: git lets curl find out who asks (Kerberos); a header must not
    // interfere.
    if (!abilities.authtype || released.password.empty()) {
        TRY(writer.add("username", released.username));
        return writer.add("password", password_of(released));
    }
    if (released.scheme == AuthScheme::Bearer) {
        TRY(writer.add("authtype", "Bearer"));
        TRY(writer.add("credential", password_of(released)));
    } else {
        const SecretBuffer credential = TRY(encode_basic(released));
        TRY(writer.add("authtype", "Basic"));
        TRY(writer.add("credential", text_of(credential)));
    }
    // If git stored it without that word, every helper was already told.
    if (released.is_stored_bearer())
        return {};
    TRY(writer.add("ephemeral", "1"));
    // git sends the credential only with its own requests. If a server offers the repository as
    // plain files, libcurl fetches the objects, and knows only the password (ADR 0024).
    if (!abilities.alone || released.scheme == AuthScheme::Bearer)
        return {};
    TRY(writer.add("username", released.username));
    return writer.add("password", password_of(released));
}

}  // namespace

GitAbilities read_abilities(const line::LineMessage& request) {
    GitAbilities abilities;
    for (const line::Attribute& attribute : request.attributes()) {
        if (attribute.key == kChallenge && offers_negotiate(attribute.value))
            abilities.negotiate = true;
        if (attribute.key != kCapability)
            continue;
        abilities.authtype = abilities.authtype || attribute.value == "authtype";
        abilities.state = abilities.state || attribute.value == "state";
    }
    abilities.alone = request.get("alone") == "1";
    return abilities;
}

std::optional<ReleaseState> find_state(const line::LineMessage& request) {
    for (const line::Attribute& attribute : request.attributes()) {
        if (attribute.key != kState)
            continue;
        if (std::optional<ReleaseState> state = ReleaseState::parse(attribute.value))
            return state;
    }
    return std::nullopt;
}

Result<void> write_git_answer(SecretBuffer& reply, const Released& released,
                              const GitAbilities& abilities, Chance chance) {
    line::LineWriter writer(reply);
    if (released.secret_kind == SecretKind::Text) {
        TRY(add_abilities(writer, abilities));
        TRY(add_credential(writer, released, abilities));
    } else {
        TRY(add_parts(writer, released));
    }
    if (released.expires != 0 && !released.is_expired)
        TRY(writer.add("password_expiry_utc", std::to_string(released.expires)));
    if (!released.refresh.empty())
        TRY(writer.add("oauth_refresh_token", refresh_of(released)));
    if (released.is_expired || released.secret_kind != SecretKind::Text)
        return writer.finish();
    if (abilities.state)
        TRY(writer.add(kState, released.state.text()));
    // git 2.55 first tries without a credential if Negotiate is offered, and then has no attempt
    // left to come back with: it would neither ask again nor say `erase`.
    if (abilities.state && chance == Chance::First && !abilities.negotiate)
        TRY(writer.add("continue", "1"));
    return writer.finish();
}

}  // namespace patd
