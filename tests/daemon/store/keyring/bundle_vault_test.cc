// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "daemon/store/keyring/bundle_vault.h"

#include "common/base/limits.h"
#include "common/token/base64url.h"
#include "tests/daemon/store/store_fixture.h"
#include "tests/support/memory_keyring.h"

namespace patd::store::test {
namespace {

Digest digest_of(char fill) {
    Digest digest{};
    digest.fill(static_cast<std::uint8_t>(fill));
    return digest;
}

class BundleVaultTest : public ::testing::Test {
  protected:
    using Indexed = SecretVault::Indexed;

    std::unique_ptr<BundleVault> open(const std::vector<Indexed>& index = {}, char key = 'k') {
        auto vault = std::make_unique<BundleVault>(keyring_, random_);
        vault->open(buffer_of(std::string(kKeyBytes, key)), index).value();
        return vault;
    }
    SecretName name(char digest = 'd') {
        return {TokenId::generate(random_).value(), digest_of(digest)};
    }
    // Keeps the share, as a record does.
    SecretVault::Entry seal(BundleVault& vault, const SecretName& name, std::string_view secret) {
        SecretVault::Entry entry = vault.seal(name, secret, {}).value();
        shares_[name] = entry.share;
        return entry;
    }
    Result<void> add(BundleVault& vault, const SecretName& name, std::string_view secret) {
        const SecretVault::Entry entry = seal(vault, name, secret);
        return vault.add({&entry, 1});
    }
    static std::string find(BundleVault& vault, const SecretName& name,
                            const std::optional<Share>& share) {
        const Result<TokenSecret> found = vault.find(name, share);
        return found ? text_of(found->reveal()) : std::string(errc_name(found.error().code));
    }
    std::string find(BundleVault& vault, const SecretName& name) {
        return find(vault, name, shares_[name]);
    }

    support::MemoryKeyring keyring_;
    SystemRandom random_;
    std::map<SecretName, Share> shares_;
};

TEST_F(BundleVaultTest, GivesBackWhatItKeepsAlsoAfterAReopen) {
    const SecretName a = name();
    const SecretName b = name();
    {
        const auto vault = open();
        add(*vault, a, "secret a").value();
        add(*vault, b, "secret b").value();
        EXPECT_EQ(find(*vault, a), "secret a");
    }
    const auto vault = open({{a.id, a.digest}, {b.id, b.digest}});
    EXPECT_EQ(find(*vault, a), "secret a");
    EXPECT_EQ(find(*vault, b), "secret b");
    EXPECT_EQ(find(*vault, name()), "SecretLost");
    EXPECT_EQ(keyring_.items().size(), 1U);
}

// Row S15
TEST_F(BundleVaultTest, S15_NothingInTheKeyringShowsASecretOrAnId) {
    const auto vault = open();
    const SecretName a = name();
    add(*vault, a, "the-secret-of-a").value();
    for (const auto& [key, content] : keyring_.items()) {
        EXPECT_EQ(content.find("the-secret"), std::string::npos);
        SecretBuffer raw(content.size());
        append_decoded_base64url(raw, content).value();
        EXPECT_EQ(text_of(raw.reveal()).find("the-secret"), std::string::npos);
        EXPECT_EQ(key.second.find(a.id.text()), std::string::npos);
    }
}

// Row S15: a keyring keeps copies of what was deleted; the share went with the record.
TEST_F(BundleVaultTest, S15_ACopyOfABundleOpensNothingWithoutTheShareOfASecret) {
    const SecretName a = name('1');
    const SecretName b = name('2');
    std::string copy;
    {
        const auto vault = open();
        add(*vault, a, "secret a").value();
        add(*vault, b, "secret b").value();
        copy = keyring_.items().begin()->second;
        const SecretVault::Settled settled{a.id, std::nullopt};
        vault->settle({&settled, 1}).value();
    }
    keyring_.items().begin()->second = copy;
    const auto vault = open({{a.id, std::nullopt}, {b.id, b.digest}});
    EXPECT_EQ(find(*vault, b), "secret b");
    EXPECT_EQ(find(*vault, a, shares_[b]), "Corrupt");
    EXPECT_EQ(find(*vault, a, Share{}), "Corrupt");
    EXPECT_EQ(find(*vault, a, std::nullopt).find("secret"), std::string::npos);
    EXPECT_EQ(find(*vault, a), "secret a");
}

TEST_F(BundleVaultTest, AThousandNewSecretsAreAHandfulOfWrites) {
    const auto vault = open();
    std::vector<SecretVault::Entry> entries;
    const std::string secret(93, 's');
    for (int i = 0; i < 1000; ++i)
        entries.push_back(seal(*vault, name(), secret));
    vault->add(entries).value();
    EXPECT_LE(keyring_.writes(), 3);
    for (const SecretVault::Entry& entry : entries)
        EXPECT_EQ(find(*vault, entry.name), secret);
}

TEST_F(BundleVaultTest, HoldsTheLongestSecretsAndNoBundleOverItsLimit) {
    const auto vault = open();
    const std::string secret(limits::kTokenSecretBytes, 's');
    std::vector<SecretName> names;
    for (int i = 0; i < 40; ++i) {
        names.push_back(name());
        add(*vault, names.back(), secret).value();
    }
    for (const auto& [key, content] : keyring_.items())
        EXPECT_LE(content.size(), limits::kKeyringItemBytes);
    for (const SecretName& kept : names)
        EXPECT_EQ(find(*vault, kept), secret);
}

TEST_F(BundleVaultTest, SettlingLeavesTheNamedSecretAlone) {
    const auto vault = open();
    const SecretName before = name('1');
    const SecretName after{before.id, digest_of('2')};
    const SecretName other = name();
    add(*vault, before, "old").value();
    add(*vault, after, "new").value();
    add(*vault, other, "other").value();
    const SecretVault::Settled settled{before.id, after.digest};
    vault->settle({&settled, 1}).value();
    EXPECT_EQ(find(*vault, before), "SecretLost");
    EXPECT_EQ(find(*vault, after), "new");
    EXPECT_EQ(find(*vault, other), "other");
}

TEST_F(BundleVaultTest, AnEmptyBundleLeavesTheKeyring) {
    const auto vault = open();
    const SecretName only = name();
    add(*vault, only, "secret").value();
    const SecretVault::Settled settled{only.id, std::nullopt};
    vault->settle({&settled, 1}).value();
    EXPECT_TRUE(keyring_.items().empty());
    add(*vault, only, "again").value();
    EXPECT_EQ(find(*vault, only), "again");
}

TEST_F(BundleVaultTest, OpeningForgetsWhatTheIndexDoesNotName) {
    const SecretName kept = name('1');
    const SecretName old{kept.id, digest_of('0')};
    const SecretName gone = name();
    const SecretName damaged = name();
    {
        const auto vault = open();
        for (const SecretName& one : {kept, old, gone, damaged})
            add(*vault, one, "secret").value();
    }
    const auto vault = open({{kept.id, kept.digest}, {damaged.id, std::nullopt}});
    EXPECT_EQ(find(*vault, kept), "secret");
    EXPECT_EQ(find(*vault, old), "SecretLost");
    EXPECT_EQ(find(*vault, gone), "SecretLost");
    EXPECT_EQ(find(*vault, damaged), "secret");
}

// Row S14: a keyring that gives one item the content of another, or of another store.
TEST_F(BundleVaultTest, S14_ABundleUnderAnotherIdOrKeyIsLeftAlone) {
    const SecretName a = name();
    {
        const auto vault = open();
        add(*vault, a, "secret").value();
    }
    auto moved = keyring_.items().extract(keyring_.items().begin());
    moved.key().second = "another";
    keyring_.items().insert(std::move(moved));
    EXPECT_EQ(find(*open({{a.id, a.digest}}), a), "SecretLost");
    EXPECT_EQ(find(*open({}, 'x'), a), "SecretLost");
    EXPECT_EQ(keyring_.items().size(), 1U);
}

// Row S14: every prefix of a good item, and every one with a changed letter.
TEST_F(BundleVaultTest, S14_ADamagedBundleIsNotTakenAndNotTouched) {
    const SecretName a = name();
    {
        const auto vault = open();
        add(*vault, a, "s").value();
    }
    std::string& content = keyring_.items().begin()->second;
    const std::string good = content;
    for (std::size_t i = 0; i < good.size(); ++i) {
        content = good.substr(0, i);
        EXPECT_EQ(find(*open({{a.id, a.digest}}), a), "SecretLost") << i;
        content = good;
        content[i] = content[i] == 'A' ? 'B' : 'A';
        const std::string changed = content;
        EXPECT_EQ(find(*open({{a.id, a.digest}}), a), "SecretLost") << i;
        EXPECT_EQ(content, changed);
    }
}

}  // namespace
}  // namespace patd::store::test
