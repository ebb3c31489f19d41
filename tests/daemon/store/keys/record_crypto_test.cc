// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "daemon/store/keys/record_crypto.h"

#include "tests/support/counting_random.h"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <set>
#include <string>

namespace patd::store {
namespace {

std::string hex(Bytes bytes) {
    constexpr char kDigits[] = "0123456789abcdef";
    std::string text;
    for (const std::uint8_t byte : bytes) {
        text += kDigits[byte >> 4];
        text += kDigits[byte & 15];
    }
    return text;
}

Bytes bytes_in(std::string_view text) {
    return bytes_of(std::span<const char>(text.data(), text.size()));
}

std::span<const char> span_of(std::string_view text) {
    return {text.data(), text.size()};
}

constexpr std::string_view kKey = "kkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkk";

TEST(RecordCrypto, MacIsThatOfRfc4231) {
    KeyedMac mac = KeyedMac::create(bytes_in("Jefe")).value();
    const std::string expected = "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843";
    for (int round = 0; round < 2; ++round)
        EXPECT_EQ(hex(mac.mac({bytes_in("what do ya want for nothing?")}).value()), expected);
    EXPECT_EQ(hex(mac.mac({bytes_in("what do ya "), bytes_in("want for nothing?")}).value()),
              expected);
}

TEST(RecordCrypto, MacUnderAnotherKeyLeavesTheOwnKey) {
    KeyedMac mac = KeyedMac::create(bytes_in(kKey)).value();
    const Digest before = mac.mac({bytes_in("x")}).value();
    EXPECT_EQ(hex(mac.mac_with(bytes_in("Jefe"), bytes_in("what do ya want for nothing?")).value()),
              "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
    EXPECT_EQ(mac.mac({bytes_in("x")}).value(), before);
    KeyedMac copy = mac.clone().value();
    EXPECT_EQ(copy.mac({bytes_in("x")}).value(), before);
}

// Test case 3 of RFC 5869 (no salt, no info), its first 32 bytes.
TEST(RecordCrypto, KeysAreDerivedAsInRfc5869) {
    const SecretBuffer key = derive_key(bytes_in(std::string(22, '\x0b')), "").value();
    EXPECT_EQ(hex(bytes_of(key.reveal())),
              "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d");
    const SecretBuffer other = derive_key(bytes_in(std::string(22, '\x0b')), "x").value();
    EXPECT_FALSE(constant_time_equal(key.reveal(), other.reveal()));
}

// The sealed bytes come from another implementation of AES-GCM and HMAC: the format is fixed.
TEST(RecordCrypto, SealsAsTheFormatSays) {
    support::CountingRandom random;
    Sealer sealer = Sealer::create(bytes_in(kKey)).value();
    const Sealed sealed = sealer.seal("aad", span_of("plaintext"), random).value();
    EXPECT_EQ(hex(sealed.salt), "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f");
    EXPECT_EQ(hex(sealed.nonce), "202122232425262728292a2b");
    EXPECT_EQ(hex(sealed.sealed), "c9019dfec3e422ee256a8f7a994e1e4967b268a5f28a8e3766");
}

TEST(RecordCrypto, OpensWhatItSealedAndNothingElse) {
    SystemRandom random;
    Sealer sealer = Sealer::create(bytes_in(kKey)).value();
    Sealer other = Sealer::create(bytes_in(std::string(32, 'x'))).value();
    Sealer clone = sealer.clone().value();
    SecretBuffer out(100);
    for (const std::string& text : {std::string(), std::string("a"), std::string(100, 'z')}) {
        const Sealed sealed = sealer.seal("aad", span_of(text), random).value();
        ASSERT_TRUE(sealer.open("aad", sealed.view(), out));
        EXPECT_EQ(std::string(out.reveal().data(), out.size()), text);
        EXPECT_TRUE(clone.open("aad", sealed.view(), out));
        EXPECT_EQ(sealer.open("aae", sealed.view(), out).error().code, Errc::Corrupt);
        EXPECT_TRUE(out.empty());
        EXPECT_EQ(sealer.open("", sealed.view(), out).error().code, Errc::Corrupt);
        EXPECT_EQ(other.open("aad", sealed.view(), out).error().code, Errc::Corrupt);
        EXPECT_TRUE(sealer.open("aad", sealed.view(), out));
    }
}

TEST(RecordCrypto, RefusesTextsOfImpossibleSize) {
    SystemRandom random;
    Sealer sealer = Sealer::create(bytes_in(kKey)).value();
    const Sealed sealed = sealer.seal("aad", span_of(std::string(50, 'z')), random).value();
    SecretBuffer small(49);
    EXPECT_EQ(sealer.open("aad", sealed.view(), small).error().code, Errc::Corrupt);
    SecretBuffer out(50);
    for (std::size_t size = 0; size < sealed.sealed.size(); ++size) {
        SealedView cut = sealed.view();
        cut.sealed = cut.sealed.first(size);
        EXPECT_EQ(sealer.open("aad", cut, out).error().code, Errc::Corrupt);
    }
    SealedView cut = sealed.view();
    cut.salt = cut.salt.first(31);
    EXPECT_EQ(sealer.open("aad", cut, out).error().code, Errc::Corrupt);
    cut = sealed.view();
    cut.nonce = cut.nonce.first(11);
    EXPECT_EQ(sealer.open("aad", cut, out).error().code, Errc::Corrupt);
}

// Row S4: no salt and no nonce ever repeats.
TEST(RecordCrypto, S4_EverySealHasASaltAndANonceOfItsOwn) {
    constexpr std::size_t kSeals = 20'000;
    SystemRandom random;
    Sealer sealer = Sealer::create(bytes_in(kKey)).value();
    std::set<std::string> salts;
    std::set<std::string> nonces;
    for (std::size_t i = 0; i < kSeals; ++i) {
        const Sealed sealed = sealer.seal("aad", span_of("same"), random).value();
        salts.emplace(sealed.salt.begin(), sealed.salt.end());
        nonces.emplace(sealed.nonce.begin(), sealed.nonce.end());
    }
    EXPECT_EQ(salts.size(), kSeals);
    EXPECT_EQ(nonces.size(), kSeals);
}

// Row S4: a child after fork(2) does not repeat its parent's.
TEST(RecordCrypto, S4_AForkSealsDifferently) {
    SystemRandom random;
    Sealer sealer = Sealer::create(bytes_in(kKey)).value();
    int ends[2];
    ASSERT_EQ(pipe(ends), 0);
    const pid_t child = fork();
    ASSERT_GE(child, 0);
    const Sealed mine = sealer.seal("aad", span_of("same"), random).value();
    if (child == 0) {
        const bool ok = write(ends[1], mine.salt.data(), mine.salt.size()) == ssize_t{kSaltBytes};
        _exit(ok ? 0 : 1);
    }
    std::array<std::uint8_t, kSaltBytes> theirs{};
    ASSERT_EQ(read(ends[0], theirs.data(), theirs.size()), ssize_t{kSaltBytes});
    int status = 0;
    ASSERT_EQ(waitpid(child, &status, 0), child);
    EXPECT_NE(mine.salt, theirs);
    close(ends[0]);
    close(ends[1]);
}

// Row S5.
TEST(RecordCrypto, S5_SealsNothingWithoutRandomness) {
    class NoRandom final : public Random {
      public:
        explicit NoRandom(int good_calls) : good_calls_(good_calls) {}
        Result<void> fill(std::span<std::uint8_t>) override {
            if (good_calls_-- > 0)
                return {};
            return Errc::Unavailable;
        }

      private:
        int good_calls_;
    };
    Sealer sealer = Sealer::create(bytes_in(kKey)).value();
    for (int calls = 0; calls < 2; ++calls) {
        NoRandom random(calls);
        EXPECT_EQ(sealer.seal("aad", span_of("x"), random).error().code, Errc::Unavailable);
    }
}

TEST(RecordCrypto, TheKeysOfAStoreAreAllDifferent) {
    StoreKeys keys = StoreKeys::derive(bytes_in(kKey), bytes_in(kKey)).value();
    StoreKeys clone = keys.clone().value();
    std::set<std::string> macs;
    for (KeyedMac* mac : {&keys.index, &keys.rows, &keys.children})
        macs.insert(hex(mac->mac({bytes_in("x")}).value()));
    EXPECT_EQ(macs.size(), 3U);
    EXPECT_EQ(hex(clone.index.mac({bytes_in("x")}).value()),
              hex(keys.index.mac({bytes_in("x")}).value()));
}

}  // namespace
}  // namespace patd::store
