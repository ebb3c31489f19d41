// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "common/base/digest.h"
#include "common/base/random.h"
#include "common/base/secrets.h"

#include <openssl/evp.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <memory>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

namespace patd::store {

inline constexpr std::size_t kKeyBytes = 32;
inline constexpr std::size_t kSaltBytes = 32;
inline constexpr std::size_t kNonceBytes = 12;
inline constexpr std::size_t kTagBytes = 16;

using Bytes = std::span<const std::uint8_t>;

// The same memory, read as bytes.
inline Bytes bytes_of(std::span<const char> text) {
    return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

// HMAC-SHA-256 under one key, with everything fetched and set up once. OpenSSL holds the key and
// wipes it when this object is destroyed. Thread rule: one thread at a time.
class KeyedMac {
  public:
    static Result<KeyedMac> create(Bytes key);
    // A second one with the same key, for another thread.
    Result<KeyedMac> clone() const;

    // The MAC of the concatenated parts.
    Result<Digest> mac(std::initializer_list<Bytes> parts);
    // The MAC of `body` under `key` instead of this object's key.
    Result<Digest> mac_with(Bytes key, Bytes body);

  private:
    struct Free {
        void operator()(HMAC_CTX* context) const;
    };
    explicit KeyedMac(HMAC_CTX* context) : context_(context) {}
    static Result<Digest> finish(HMAC_CTX* context, std::initializer_list<Bytes> parts);

    std::unique_ptr<HMAC_CTX, Free> context_;
    std::unique_ptr<HMAC_CTX, Free> other_;  // for mac_with, created at first use
};

// HKDF-SHA-256 (RFC 5869) without salt: a key for one purpose, into secret memory.
Result<SecretBuffer> derive_key(Bytes key, std::string_view info);

// A sealed text as it is stored. `sealed` ends with the tag.
struct SealedView {
    Bytes salt;
    Bytes nonce;
    Bytes sealed;
};

struct Sealed {
    std::array<std::uint8_t, kSaltBytes> salt;
    std::array<std::uint8_t, kNonceBytes> nonce;
    std::vector<std::uint8_t> sealed;

    SealedView view() const { return {salt, nonce, sealed}; }
};

// AES-256-GCM with a separate key for every text: the key and a salt of fresh random bytes give the
// one-use key (docs/store-format.md). Thread rule: one thread at a time.
class Sealer {
  public:
    static Result<Sealer> create(Bytes key);
    Result<Sealer> clone() const;

    // Fails if `random` does; then nothing is sealed.
    Result<Sealed> seal(std::string_view aad, std::span<const char> plaintext, Random& random);
    // Replaces the content of `plaintext`. Corrupt: the tag does not match; `plaintext` is then
    // empty.
    Result<void> open(std::string_view aad, const SealedView& sealed, SecretBuffer& plaintext);

  private:
    struct Free {
        void operator()(EVP_CIPHER_CTX* context) const { EVP_CIPHER_CTX_free(context); }
    };
    Sealer(KeyedMac mac, EVP_CIPHER_CTX* encrypt, EVP_CIPHER_CTX* decrypt)
        : mac_(std::move(mac)), encrypt_(encrypt), decrypt_(decrypt) {}
    static Result<Sealer> around(KeyedMac mac);
    Result<Digest> one_use_key(Bytes salt);

    KeyedMac mac_;
    std::unique_ptr<EVP_CIPHER_CTX, Free> encrypt_;
    std::unique_ptr<EVP_CIPHER_CTX, Free> decrypt_;
};

// Everything that works under keys derived from one data key, and the index key, which no rotation
// changes.
struct StoreKeys {
    static Result<StoreKeys> derive(Bytes data_key, Bytes index_key);
    Result<StoreKeys> clone() const;

    Sealer records;
    KeyedMac index;
    KeyedMac rows;
    KeyedMac children;
};

}  // namespace patd::store
