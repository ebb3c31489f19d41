// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors

// HMAC_CTX belongs to that API: see docs/adr/0017-hmac-without-parameters.md.
#define OPENSSL_API_COMPAT 0x10101000L

#include "daemon/store/keys/record_crypto.h"

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/hmac.h>
#include <openssl/kdf.h>
#include <openssl/params.h>

#include <string>
#include <utility>

namespace patd::store {
namespace {

constexpr std::uint8_t kExpandBlock = 1;  // RFC 5869: the counter of the first (and only) block

Error crypto_error(const char* what) {
    return Error{Errc::Internal, std::string("OpenSSL failed: ") + what};
}

struct FreeCipher {
    void operator()(EVP_CIPHER* cipher) const { EVP_CIPHER_free(cipher); }
};
struct FreeKdf {
    void operator()(EVP_KDF* kdf) const { EVP_KDF_free(kdf); }
};
struct FreeKdfContext {
    void operator()(EVP_KDF_CTX* context) const { EVP_KDF_CTX_free(context); }
};

// Before anything else of OpenSSL: its error texts are never shown, and would take 60 KiB of every
// idle patd. Calling it again does no harm.
void start_library() {
    (void)OPENSSL_init_crypto(OPENSSL_INIT_NO_LOAD_CRYPTO_STRINGS, nullptr);
}

// The OpenSSL parameter types want mutable pointers to data that they only read.
OSSL_PARAM octets(const char* name, Bytes value) {
    return OSSL_PARAM_construct_octet_string(name, const_cast<std::uint8_t*>(value.data()),
                                             value.size());
}

OSSL_PARAM sha256_param(const char* name) {
    static constexpr char kSha256[] = "SHA2-256";
    return OSSL_PARAM_construct_utf8_string(name, const_cast<char*>(kSha256), 0);
}

unsigned char* raw(std::span<char> bytes) {
    return reinterpret_cast<unsigned char*>(bytes.data());
}

int size_as_int(std::size_t size) {
    return static_cast<int>(size);
}

// Wipes a key on the stack when its scope ends.
class KeyGuard {
  public:
    explicit KeyGuard(Digest& key) : key_(key) {}
    KeyGuard(const KeyGuard&) = delete;
    KeyGuard& operator=(const KeyGuard&) = delete;
    ~KeyGuard() { OPENSSL_cleanse(key_.data(), key_.size()); }

  private:
    Digest& key_;
};

Result<void> decrypt(EVP_CIPHER_CTX* context, std::string_view aad, const SealedView& sealed,
                     std::span<char> out) {
    int length = 0;
    const Bytes tag = sealed.sealed.last(kTagBytes);
    const bool ok = EVP_DecryptUpdate(context, nullptr, &length, bytes_of(aad).data(),
                                      size_as_int(aad.size())) == 1 &&
                    EVP_DecryptUpdate(context, raw(out), &length, sealed.sealed.data(),
                                      size_as_int(out.size())) == 1 &&
                    EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_TAG, size_as_int(kTagBytes),
                                        const_cast<std::uint8_t*>(tag.data())) == 1 &&
                    EVP_DecryptFinal_ex(context, raw(out) + out.size(), &length) == 1;
    if (!ok)
        return Error{Errc::Corrupt, "the authentication tag does not match"};
    return {};
}

}  // namespace

void KeyedMac::Free::operator()(HMAC_CTX* context) const {
    HMAC_CTX_free(context);
}

Result<KeyedMac> KeyedMac::create(Bytes key) {
    start_library();
    // Fetched once and kept: HMAC_CTX refers to it, and would otherwise look it up at every new
    // key.
    static EVP_MD* const sha256 = EVP_MD_fetch(nullptr, "SHA2-256", nullptr);
    KeyedMac mac(HMAC_CTX_new());
    if (sha256 == nullptr || !mac.context_ ||
        HMAC_Init_ex(mac.context_.get(), key.data(), size_as_int(key.size()), sha256, nullptr) != 1)
        return crypto_error("HMAC");
    return mac;
}

Result<KeyedMac> KeyedMac::clone() const {
    KeyedMac copy(HMAC_CTX_new());
    if (!copy.context_ || HMAC_CTX_copy(copy.context_.get(), context_.get()) != 1)
        return crypto_error("HMAC");
    return copy;
}

Result<Digest> KeyedMac::mac(std::initializer_list<Bytes> parts) {
    // Without a key argument it starts over with the current key.
    if (HMAC_Init_ex(context_.get(), nullptr, 0, nullptr, nullptr) != 1)
        return crypto_error("HMAC");
    return finish(context_.get(), parts);
}

Result<Digest> KeyedMac::mac_with(Bytes key, Bytes body) {
    // Creating a context costs more than the MAC.
    if (!other_)
        other_ = std::move(TRY(clone()).context_);
    if (HMAC_Init_ex(other_.get(), key.data(), size_as_int(key.size()), nullptr, nullptr) != 1)
        return crypto_error("HMAC");
    return finish(other_.get(), {body});
}

Result<Digest> KeyedMac::finish(HMAC_CTX* context, std::initializer_list<Bytes> parts) {
    Digest digest{};
    unsigned int length = 0;
    for (const Bytes part : parts) {
        if (HMAC_Update(context, part.data(), part.size()) != 1)
            return crypto_error("HMAC");
    }
    if (HMAC_Final(context, digest.data(), &length) != 1 || length != digest.size())
        return crypto_error("HMAC");
    return digest;
}

Result<SecretBuffer> derive_key(Bytes key, std::string_view info) {
    start_library();
    const std::unique_ptr<EVP_KDF, FreeKdf> hkdf(EVP_KDF_fetch(nullptr, "HKDF", nullptr));
    const std::unique_ptr<EVP_KDF_CTX, FreeKdfContext> context(hkdf ? EVP_KDF_CTX_new(hkdf.get())
                                                                    : nullptr);
    const std::array<OSSL_PARAM, 4> params{
        sha256_param(OSSL_KDF_PARAM_DIGEST), octets(OSSL_KDF_PARAM_KEY, key),
        octets(OSSL_KDF_PARAM_INFO, bytes_of(info)), OSSL_PARAM_construct_end()};
    SecretBuffer derived(kKeyBytes);
    if (!context ||
        EVP_KDF_derive(context.get(), raw(derived.free_space()), kKeyBytes, params.data()) != 1)
        return crypto_error("HKDF");
    derived.grow(kKeyBytes);
    return derived;
}

Result<Sealer> Sealer::create(Bytes key) {
    return around(TRY(KeyedMac::create(key)));
}

Result<Sealer> Sealer::clone() const {
    return around(TRY(mac_.clone()));
}

Result<Sealer> Sealer::around(KeyedMac mac) {
    const std::unique_ptr<EVP_CIPHER, FreeCipher> cipher(
        EVP_CIPHER_fetch(nullptr, "AES-256-GCM", nullptr));
    Sealer sealer(std::move(mac), EVP_CIPHER_CTX_new(), EVP_CIPHER_CTX_new());
    // GCM's nonce is 12 bytes by default.
    const bool ok =
        cipher && sealer.encrypt_ && sealer.decrypt_ &&
        EVP_EncryptInit_ex2(sealer.encrypt_.get(), cipher.get(), nullptr, nullptr, nullptr) == 1 &&
        EVP_DecryptInit_ex2(sealer.decrypt_.get(), cipher.get(), nullptr, nullptr, nullptr) == 1;
    if (!ok)
        return crypto_error("AES-256-GCM");
    return sealer;
}

Result<Digest> Sealer::one_use_key(Bytes salt) {
    return mac_.mac({salt, {&kExpandBlock, 1}});
}

Result<Sealed> Sealer::seal(std::string_view aad, std::span<const char> plaintext, Random& random) {
    Sealed out{};
    TRY(random.fill(out.salt));
    TRY(random.fill(out.nonce));
    Digest key = TRY(one_use_key(out.salt));
    const KeyGuard guard(key);
    out.sealed.resize(plaintext.size() + kTagBytes);
    int length = 0;
    EVP_CIPHER_CTX* context = encrypt_.get();
    const bool ok =
        EVP_EncryptInit_ex2(context, nullptr, key.data(), out.nonce.data(), nullptr) == 1 &&
        EVP_EncryptUpdate(context, nullptr, &length, bytes_of(aad).data(),
                          size_as_int(aad.size())) == 1 &&
        EVP_EncryptUpdate(context, out.sealed.data(), &length, bytes_of(plaintext).data(),
                          size_as_int(plaintext.size())) == 1 &&
        EVP_EncryptFinal_ex(context, out.sealed.data() + plaintext.size(), &length) == 1 &&
        EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_GET_TAG, size_as_int(kTagBytes),
                            out.sealed.data() + plaintext.size()) == 1;
    if (!ok)
        return crypto_error("AES-256-GCM");
    return out;
}

Result<void> Sealer::open(std::string_view aad, const SealedView& sealed, SecretBuffer& plaintext) {
    plaintext.wipe();
    if (sealed.salt.size() != kSaltBytes || sealed.nonce.size() != kNonceBytes ||
        sealed.sealed.size() < kTagBytes || sealed.sealed.size() - kTagBytes > plaintext.capacity())
        return Error{Errc::Corrupt, "a sealed text of impossible size"};
    Digest key = TRY(one_use_key(sealed.salt));
    const KeyGuard guard(key);
    if (EVP_DecryptInit_ex2(decrypt_.get(), nullptr, key.data(), sealed.nonce.data(), nullptr) != 1)
        return crypto_error("AES-256-GCM");
    const std::span<char> out = plaintext.free_space().first(sealed.sealed.size() - kTagBytes);
    plaintext.grow(out.size());
    Result<void> result = decrypt(decrypt_.get(), aad, sealed, out);
    if (!result)
        plaintext.wipe();
    return result;
}

Result<StoreKeys> StoreKeys::derive(Bytes data_key, Bytes index_key) {
    const SecretBuffer record = TRY(derive_key(data_key, "patd store 1 record"));
    const SecretBuffer row = TRY(derive_key(data_key, "patd store 1 row"));
    const SecretBuffer child = TRY(derive_key(data_key, "patd store 1 child"));
    Sealer records = TRY(Sealer::create(bytes_of(record.reveal())));
    KeyedMac index_mac = TRY(KeyedMac::create(index_key));
    KeyedMac row_mac = TRY(KeyedMac::create(bytes_of(row.reveal())));
    KeyedMac child_mac = TRY(KeyedMac::create(bytes_of(child.reveal())));
    return StoreKeys{std::move(records), std::move(index_mac), std::move(row_mac),
                     std::move(child_mac)};
}

Result<StoreKeys> StoreKeys::clone() const {
    Sealer sealer = TRY(records.clone());
    KeyedMac index_mac = TRY(index.clone());
    KeyedMac row_mac = TRY(rows.clone());
    KeyedMac child_mac = TRY(children.clone());
    return StoreKeys{std::move(sealer), std::move(index_mac), std::move(row_mac),
                     std::move(child_mac)};
}

}  // namespace patd::store
