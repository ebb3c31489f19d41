// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "common/base/clock.h"
#include "common/base/uid.h"
#include "common/token/permission.h"
#include "common/token/release_rules.h"
#include "common/token/target.h"
#include "common/token/token_id.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace patd {

// The numbers are stored and bound by the seal (docs/store-format.md): never renumber.
enum class TokenKind : std::uint8_t { Issued = 1, Imported = 2 };
// Quarantined: the owner's account is gone, or its uid belongs to another account now. Only root
// sees it.
enum class TokenState : std::uint8_t { Active = 1, Rejected = 2, Quarantined = 3 };
enum class Confirm : std::uint8_t { Never = 1, Always = 2 };
enum class Provenance : std::uint8_t { User = 1, GitStore = 2 };
// Of which parts an imported secret is made (imported_secret.h); all others are Text. A key of AWS
// has its id as the user name.
enum class SecretKind : std::uint8_t { Text = 0, Aws = 1 };

// Everything about a token except its secret: copyable, printable, and unable to hold one.
struct Token {
    TokenId id;
    Uid owner;
    std::string owner_name =
        {};  // the account name when it was made; a recycled uid does not match
    TokenKind kind = TokenKind::Issued;
    TokenState state = TokenState::Active;
    Provenance provenance = Provenance::User;
    Confirm confirm = Confirm::Never;
    std::string description = {};
    PermissionList permissions = {};  // may be empty for an imported token
    TargetList targets = {};
    ReleaseRules rules = {};    // which of the owner's processes it is released to
    std::string username = {};  // the `username` to answer; the account name for an issued token
    UnixTime created = 0;
    UnixTime expires = 0;          // 0: never
    std::uint32_t generation = 1;  // raised by regenerate and by a narrowing edit; ends children
    TargetList refused = {};  // where servers refused the secret; it is still released elsewhere
    std::uint32_t refresh_bytes = 0;  // of the refresh token beside the secret; 0: none
    SecretKind secret_kind = SecretKind::Text;
    bool through_gateway = false;  // imported: only the gateway gets the secret (docs/adr/0055)

    friend bool operator==(const Token&, const Token&) = default;
};

// When, for whom and how a token was last used. Not sealed: nothing depends on it.
struct LastUse {
    UnixTime at = 0;  // 0: never
    std::uint32_t by = 0;
    std::string how;    // "release", "verify", "stored"
    std::string where;  // the target, or the PAM service
};

// What git stored by itself (`store`) follows git's rules (docs/adr/0021).
inline bool is_stored_by_git(const Token& token) {
    return token.provenance == Provenance::GitStore;
}
// Whether what is released of it is a child, and not its own secret.
inline bool gives_children(const Token& token) {
    return token.kind == TokenKind::Issued || token.through_gateway;
}
// Whether a server refused it there, or higher up the same path.
bool is_refused_at(const Token& token, const Origin& origin, std::string_view path);
// Records that a server refused it at `place`. If that leaves none of its targets, or exceeds
// kRefusedPlaces, the whole token is rejected.
void refuse_at(Token& token, const Target& place);
// Clears all refusals.
void reinstate(Token& token);

inline bool is_expired(const Token& token, UnixTime now) {
    return token.expires != 0 && token.expires <= now;
}

std::string_view token_kind_name(TokenKind kind);
std::string_view token_state_name(TokenState state);
std::string_view secret_kind_name(SecretKind kind);
std::optional<SecretKind> find_secret_kind(std::string_view name);

// The description rule: 1 to 64 bytes of valid UTF-8 without control or format characters (C0, C1,
// bidirectional overrides, zero-width), so that a table or a prompt shows what is stored.
Result<std::string> parse_description(std::string_view text);
// An account name to send to a server: 1 to 256 bytes, no control byte.
Result<std::string> parse_username(std::string_view text);
// An expiry: 0 (never), or in the future and at most ten years ahead.
Result<UnixTime> parse_expiry(UnixTime expires, UnixTime now);

}  // namespace patd
