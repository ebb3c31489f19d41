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

// Where the secrets of imported tokens lie: under the record's own seal, or in a SecretVault, and
// then the record holds the digest and a share.
enum class SecretPlace { Record, Vault };

// Opens and seals token rows. What it opened stays in one piece of secret memory, allocated once,
// until the next call or the end of a Closing. Thread rule: one thread at a time.
class SealedRecord {
  public:
    // `before` opens what the rotation of the data key has not come to yet.
    explicit SealedRecord(Sealer sealer, std::optional<Sealer> before = std::nullopt,
                          SecretPlace place = SecretPlace::Record);
    void set_keys(Sealer sealer, std::optional<Sealer> before);

    void forget_before() { before_.reset(); }

    // Reads, authenticates and decodes the token of key `id`: nothing when it is not there;
    // Corrupt when it does not match its seal.
    Result<std::optional<Token>> open(Connection& connection, std::int64_t id);
    // Whether the token that was opened last is still under the key before.
    bool is_outdated() const { return outdated_; }
    // Of the token that was opened last.
    Digest verifier() const;
    // With the refresh token at its end; empty for an issued token. Not where it is in a vault.
    std::span<const char> secret() const;
    // Of a secret that is in a vault; nothing where it was put there before there were shares.
    std::optional<Share> share() const;
    std::span<const char> contents() const { return plaintext_.reveal(); }
    // Wipes the contents when a scope ends.
    class Closing {
      public:
        explicit Closing(SealedRecord& record) : record_(record) {}
        Closing(const Closing&) = delete;
        Closing& operator=(const Closing&) = delete;
        ~Closing() { record_.plaintext_.wipe(); }

      private:
        SealedRecord& record_;
    };

    // What to seal for `token` with a new secret: the digest, and for an imported token the secret
    // and the refresh token beside it, or the share of them, if a vault holds them.
    // InvalidSecret: too long, or empty and not git's own.
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

// By which a vault has the secret of the token that was opened last (SecretName).
Result<Digest> name_in_vault(KeyedMac& index, const SealedRecord& record);

}  // namespace patd::store
