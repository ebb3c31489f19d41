// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "daemon/store/keyring/keyring_store.h"

#include "tests/daemon/store/store_fixture.h"
#include "tests/support/memory_keyring.h"
#include "tests/support/read_store.h"

#include <map>

namespace patd::store::test {
namespace {

class KeyringStoreTest : public ::testing::Test {
  protected:
    Result<std::unique_ptr<TokenStore>> try_open() {
        store_.reset();
        return open_keyring_store(directory_.path(), keyring_, random_);
    }
    void open() { store_ = try_open().value(); }
    // Opens everything again and compares it with what was acknowledged.
    void expect_exactly(const std::map<TokenId, std::string>& acknowledged,
                        const std::string& when) {
        keyring_.revive();
        open();
        EXPECT_EQ(store_->count(kAlice).value(), acknowledged.size()) << when;
        for (const auto& [id, secret] : acknowledged) {
            const Result<TokenSecret> found = open_secret(*store_, id);
            ASSERT_TRUE(found) << when;
            EXPECT_EQ(text_of(found->reveal()), secret) << when;
        }
        // Leftovers were removed when it was opened: the bundle has just the size of these.
        std::size_t bytes = 0;
        for (const auto& [id, secret] : acknowledged)
            bytes += 44 + 28 + secret.size();
        for (const auto& [key, content] : keyring_.items()) {
            if (key.first == ItemKind::Bundle) {
                EXPECT_EQ(content.size(), ((60 + bytes) * 4 + 2) / 3) << when;
            }
        }
        EXPECT_EQ(keyring_.items().size(), acknowledged.empty() ? 1U : 2U) << when;
    }

    support::TemporaryDirectory directory_;
    support::MemoryKeyring keyring_;
    SystemRandom random_;
    std::unique_ptr<TokenStore> store_;
};

TEST_F(KeyringStoreTest, MakesItsKeyOnceAndOpensWithItAgain) {
    open();
    const Token token = make_token(kAlice, TokenKind::Imported);
    store_->insert(token, secret_of("forge secret")).value();
    open();
    EXPECT_EQ(text_of(open_secret(*store_, token.id).value().reveal()), "forge secret");
    EXPECT_EQ(keyring_.items().size(), 2U);  // the key and a bundle
}

TEST_F(KeyringStoreTest, ImportedSecretsAreNotInItsFileEvenForItsKey) {
    open();
    const Token token = make_token(kAlice, TokenKind::Imported);
    store_->insert(token, secret_of(std::string(500, 's'))).value();
    RawDatabase raw(directory_.file("store.db"));
    EXPECT_EQ(raw.number("SELECT max(length(sealed)) FROM token"), 80);  // digest, share, tag
}

TEST_F(KeyringStoreTest, NeverMakesASecondKeyForAnIndexThatIsThere) {
    open();
    store_.reset();
    const auto items = keyring_.items();
    keyring_.items().clear();
    EXPECT_EQ(try_open().error().code, Errc::KeyLost);
    EXPECT_TRUE(keyring_.items().empty());
    keyring_.items() = items;
    open();
}

// A keyring that never wrote what it accepted, or that was restored from an older copy.
TEST_F(KeyringStoreTest, ASecretThatTheKeyringLostIsNamedAsThat) {
    open();
    const Token token = make_token(kAlice, TokenKind::Imported);
    store_->insert(token, secret_of("forge secret")).value();
    store_.reset();
    for (const bool empty : {false, true}) {
        std::erase_if(keyring_.items(),
                      [](const auto& item) { return item.first.first == ItemKind::Bundle; });
        if (empty)
            keyring_.items()[{ItemKind::Bundle, "0123456789"}] = "";
        open();
        EXPECT_EQ(open_secret(*store_, token.id).error().code, Errc::SecretLost);
    }
    store_->replace_secret(token.id, kAlice, secret_of("again"), nullptr, kNow).value();
    EXPECT_EQ(text_of(open_secret(*store_, token.id).value().reveal()), "again");
}

// As git's store does repeatedly: the old share is alive until the record has the new one.
TEST_F(KeyringStoreTest, TheSameSecretKeptAnewIsAliveAllTheTime) {
    open();
    const Token token = make_token(kAlice, TokenKind::Imported);
    store_->insert(token, secret_of("same")).value();
    for (int calls = 0; calls < 4; ++calls) {
        keyring_.die_after(calls, true);
        (void)store_->replace_secret(token.id, kAlice, secret_of("same"), nullptr, kNow);
        EXPECT_EQ(text_of(open_secret(*store_, token.id).value().reveal()), "same");
        expect_exactly({{token.id, "same"}}, std::to_string(calls));
    }
    const auto fails = [](Token&) -> Result<void> { return Errc::InvalidExpiry; };
    EXPECT_FALSE(store_->replace_secret(token.id, kAlice, secret_of("same"), fails, kNow));
    EXPECT_EQ(text_of(open_secret(*store_, token.id).value().reveal()), "same");
}

// Row S15: what the keyring kept of it (a recycle bin, a history) opens nothing any more.
TEST_F(KeyringStoreTest, S15_AnOldBundleThatComesBackBringsNothingBack) {
    open();
    const Token token = make_token(kAlice, TokenKind::Imported);
    store_->insert(token, secret_of("old")).value();
    const auto copies = keyring_.items();
    store_->replace_secret(token.id, kAlice, secret_of("new"), nullptr, kNow).value();
    keyring_.items() = copies;
    open();
    EXPECT_EQ(open_secret(*store_, token.id).error().code, Errc::SecretLost);
}

// Row S14: another item's content, in place of the key's.
TEST_F(KeyringStoreTest, S14_AKeyThatIsNoneOrAnothersIsCorrupt) {
    open();
    const std::string good = keyring_.items().begin()->second;
    for (const std::string& bad :
         {std::string(), good.substr(1), good + "A", std::string(43, '!'), std::string(43, 'A')}) {
        keyring_.items().begin()->second = bad;
        EXPECT_EQ(try_open().error().code, bad.empty() ? Errc::KeyLost : Errc::Corrupt) << bad;
    }
    keyring_.items().begin()->second = good;
    open();
    keyring_.items()[{ItemKind::Key, "another"}] = good;
    EXPECT_EQ(try_open().error().code, Errc::Corrupt);
}

TEST_F(KeyringStoreTest, AKeyringThatDiesWhileTheKeyIsMadeLeavesAStoreThatOpens) {
    for (const bool torn : {false, true}) {
        keyring_.die_after(0, torn);
        EXPECT_FALSE(try_open());
        EXPECT_FALSE(std::filesystem::exists(directory_.file("store.db")));
    }
    keyring_.revive();
    open();
    EXPECT_EQ(keyring_.items().size(), 1U);
}

// It dies at each change that the keyring is asked for, before or after making it, and the process
// dies with it. Afterwards exactly what was acknowledged exists, once.
TEST_F(KeyringStoreTest, LosesAndDoublesNothingWhereverTheKeyringDies) {
    for (int calls = 0; calls < 8; ++calls) {
        for (const bool torn : {false, true}) {
            const std::string when = std::to_string(calls) + (torn ? " made" : " not made");
            open();
            store_->remove_all(kAlice, name_of(kAlice), kNow).value();
            std::map<TokenId, std::string> there;
            const Token first = make_token(kAlice, TokenKind::Imported);
            store_->insert(first, secret_of("first")).value();
            there[first.id] = "first";
            keyring_.die_after(calls, torn);
            const Token second = make_token(kAlice, TokenKind::Imported);
            if (store_->insert(second, secret_of("second")))
                there[second.id] = "second";
            if (store_->replace_secret(first.id, kAlice, secret_of("renewed"), nullptr, kNow))
                there[first.id] = "renewed";
            if (there.contains(second.id) && store_->remove(second.id, kAlice, kNow))
                there.erase(second.id);
            const Token third = make_token(kAlice, TokenKind::Imported);
            const TokenStore::NewToken many[] = {{third, secret_of("third")}};
            if (store_->insert_many(many))
                there[third.id] = "third";
            expect_exactly(there, when);
        }
    }
}

// The keyring has the new secret, but the index cannot be written: the old one stays valid.
TEST_F(KeyringStoreTest, AnIndexThatCannotBeWrittenKeepsTheOldSecret) {
    open();
    const Token token = make_token(kAlice, TokenKind::Imported);
    store_->insert(token, secret_of("old")).value();
    const auto fails = [](Token&) -> Result<void> { return Errc::InvalidExpiry; };
    EXPECT_FALSE(store_->replace_secret(token.id, kAlice, secret_of("new"), fails, kNow));
    EXPECT_EQ(text_of(open_secret(*store_, token.id).value().reveal()), "old");
    expect_exactly({{token.id, "old"}}, "after");
}

TEST_F(KeyringStoreTest, AStoreThatIsNotOpenAnswersWhyUntilItIs) {
    TokenStore served(Errc::StoreLocked);
    const Token token = make_token(kAlice, TokenKind::Imported);
    EXPECT_FALSE(served.is_open());
    EXPECT_EQ(served.insert(token, secret_of("s")).error().code, Errc::StoreLocked);
    EXPECT_EQ(list_tokens(served, kAlice).error().code, Errc::StoreLocked);
    EXPECT_EQ(open_secret(served, token.id).error().code, Errc::StoreLocked);
    open();
    served.attach_writer(*store_);
    served.attach_reader(*store_);
    store_.reset();
    served.insert(token, secret_of("s")).value();
    EXPECT_EQ(text_of(open_secret(served, token.id).value().reveal()), "s");
    served.detach_reader(Errc::Unavailable);
    EXPECT_EQ(served.find(token.id).error().code, Errc::Unavailable);
    served.detach_writer(Errc::Unavailable);
    EXPECT_EQ(served.remove(token.id, kAlice, kNow).error().code, Errc::Unavailable);
    // Its state is gone, and the directory is free again.
    open();
}

}  // namespace
}  // namespace patd::store::test
