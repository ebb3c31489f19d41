// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "common/base/secrets.h"
#include "common/token/token_id.h"
#include "daemon/store/keys/record_crypto.h"

#include <array>
#include <compare>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace patd::store {

// Which secret a token's record names: a secret is looked up by the digest of its share, so that of
// two for one token (the old and the new one, around a crash; they may be equal) the record alone
// decides which is alive.
struct SecretName {
    TokenId id;
    Digest digest;
    friend auto operator<=>(const SecretName&, const SecretName&) = default;
};

// The part of a secret's seal that the token's record keeps and the vault does not: without it
// nothing opens the secret, so that a copy that a keyring keeps dies with the record
// (docs/adr/0026).
using Share = std::array<std::uint8_t, kSaltBytes>;

// Where the secrets of imported tokens are if not in the store's own file: in per-user mode, the
// desktop's keyring (docs/adr/0016). The store's file stays the index: what it names exists, what
// it does not name does not. Secrets are added to the vault before the file names them, and removed
// after it no longer does, so that a crash leaves too much, never too little.
//
// Errors: the keyring's, and those named.
class SecretVault {
  public:
    virtual ~SecretVault() = default;

    // An imported token in the store's file.
    struct Indexed {
        TokenId id;
        std::optional<Digest> digest;  // nothing: its record is damaged, so everything of it stays
    };
    // Reads everything, then forgets what `index` does not name. `key` seals what it keeps.
    // Thread rule: before everything else.
    virtual Result<void> open(SecretBuffer key, std::span<const Indexed> index) = 0;

    // The refresh token follows the secret. Without `share`: one that was kept before shares
    // existed. Never waits. SecretLost: it is not there. Corrupt: it does not open.
    // Thread rule: the store's reader.
    virtual Result<TokenSecret> find(const SecretName& name, const std::optional<Share>& share) = 0;

    // Thread rule of all: the store's writer.
    struct Entry {
        SecretName name;
        Share share;                       // for the record
        std::vector<std::uint8_t> sealed;  // for the vault
    };
    virtual Result<Entry> seal(const SecretName& name, std::span<const char> secret,
                               std::span<const char> refresh) = 0;
    // All of them are kept when it returns. After a failure some may be.
    virtual Result<void> add(std::span<const Entry> entries) = 0;
    // Whether the latest addition may not be on disk yet. Thread rule: any.
    virtual bool keeps_later() const { return false; }
    // Forgets every secret of these tokens except the named one.
    struct Settled {
        TokenId id;
        std::optional<Digest> live;
    };
    virtual Result<void> settle(std::span<const Settled> tokens) = 0;
};

}  // namespace patd::store
