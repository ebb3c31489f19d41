// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "daemon/store/database/sqlite.h"
#include "daemon/store/tokens/new_secret.h"
#include "daemon/store/tokens/record_codec.h"
#include "daemon/store/tokens/secret_vault.h"

#include <optional>
#include <span>

namespace patd::store {

// Where the secrets of imported tokens are: under the record's own seal, or in a SecretVault; then
// the record holds the digest and a share.
enum class SecretPlace { Record, Vault };

// Opens and seals token rows. The last opened content stays in one piece of secret memory,
// allocated once, until the next call or the end of a Closing. Thread rule: one thread at a time.
class SealedRecord {
  public:
    // `before` opens what the rotation of the data key has not reached yet.
    explicit SealedRecord(Sealer sealer, std::optional<Sealer> before = std::nullopt,
                          SecretPlace place = SecretPlace::Record);
    void set_keys(Sealer sealer, std::optional<Sealer> before);

    void forget_before() { before_.reset(); }

    // Reads, authenticates and decodes the token of key `id`: nothing if it does not exist; Corrupt
    // if it does not match its seal.
    Result<std::optional<Token>> open(Connection& connection, std::int64_t id);
    // Whether the last opened token is still under the previous key.
    bool is_outdated() const { return outdated_; }
    // Of the last opened token.
    Digest verifier() const;
    // With the refresh token at its end; empty for an issued token. Not for a secret in a vault.
    std::span<const char> secret() const;
    // For a secret in a vault; nothing if it was put there before shares existed.
    std::optional<Share> share() const;
    std::span<const char> contents() const { return plaintext_.reveal(); }
    // Wipes the content when a scope ends.
    class Closing {
      public:
        explicit Closing(SealedRecord& record) : record_(record) {}
        Closing(const Closing&) = delete;
        Closing& operator=(const Closing&) = delete;
        ~Closing() { record_.plaintext_.wipe(); }

      private:
        SealedRecord& record_;
    };

    // Sets what to seal for `token` with a new secret: the digest, and for an imported token the
    // secret with its refresh token, or their share if a vault holds them. InvalidSecret: too long,
    // or empty and not stored by git.
    Result<void> fill(const Token& token, const Digest& verifier, const NewSecret& secret,
                      const std::optional<Share>& share = std::nullopt);
    // Takes over what `other` opened last.
    Result<void> copy_from(const SealedRecord& other);
    // Writes the token with `sql` (kInsertToken or kUpdateToken), sealing contents().
    Result<void> write(Connection& connection, const char* sql, const Token& token, Random& random);

  private:
    Result<Token> open_row(Query& row);

    Sealer sealer_;
    std::optional<Sealer> before_;
    SecretPlace place_;
    bool outdated_ = false;
    SecretBuffer plaintext_;
    BoundData aad_;
};

// The name that a vault has for the last opened token's secret (SecretName).
Result<Digest> name_in_vault(KeyedMac& index, const SealedRecord& record);

}  // namespace patd::store
