// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "daemon/store/tokens/token_writer.h"

#include "common/base/limits.h"
#include "daemon/store/tokens/record_codec.h"
#include "tests/daemon/store/store_fixture.h"
#include "tests/support/read_store.h"

#include <limits>

namespace patd::store::test {
namespace {

class TokenWriterTest : public StoreTest {
  protected:
    void SetUp() override { open(); }
    void TearDown() override { expect_anchored(); }
    Digest digest_of(std::string_view secret) {
        return store_->digest(buffer_of(secret).reveal()).value();
    }
    std::vector<TokenStore::NewToken> make_many(Uid owner, std::size_t count) {
        std::vector<TokenStore::NewToken> tokens;
        for (std::size_t i = 0; i < count; ++i)
            tokens.emplace_back(make_token(owner), secret_of("secret " + std::to_string(i)));
        return tokens;
    }
};

TEST_F(TokenWriterTest, RefusesMoreTokensThanAUserMayHave) {
    store_->insert_many(make_many(kAlice, limits::kTokensPerUser - 1)).value();
    EXPECT_EQ(store_->insert_many(make_many(kAlice, 2)).error().code, Errc::LimitExceeded);
    EXPECT_EQ(store_->count(kAlice).value(), limits::kTokensPerUser - 1);
    const Token last = insert(kAlice);
    EXPECT_EQ(store_->insert(make_token(kAlice), secret_of("x")).error().code, Errc::LimitExceeded);
    insert(kBob);
    store_->remove(last.id, kAlice, kNow).value();
    insert(kAlice);
    EXPECT_EQ(store_->count(kAlice).value(), limits::kTokensPerUser);
}

TEST_F(TokenWriterTest, InsertsAllOfManyOrNone) {
    std::vector<TokenStore::NewToken> tokens = make_many(kAlice, 2);
    tokens.push_back(std::move(make_many(kBob, 1)[0]));
    tokens.emplace_back(tokens[0].first, secret_of("the same id"));
    EXPECT_FALSE(store_->insert_many(tokens));
    EXPECT_EQ(store_->count(kAlice).value() + store_->count(kBob).value(), 0U);
    tokens.pop_back();
    store_->insert_many(tokens).value();
    EXPECT_EQ(store_->count(kAlice).value(), 2U);
    EXPECT_EQ(store_->count(kBob).value(), 1U);
}

TEST_F(TokenWriterTest, RefusesAnIdThatIsThere) {
    const Token token = insert(kAlice, "first");
    Token twice = make_token(kBob);
    twice.id = token.id;
    EXPECT_FALSE(store_->insert(twice, secret_of("second")));
    EXPECT_TRUE(same(store_->find(token.id).value()->token, token));
}

TEST_F(TokenWriterTest, RefusesSecretsThatAreEmptyOrTooLong) {
    for (const TokenKind kind : {TokenKind::Issued, TokenKind::Imported}) {
        const Token token = make_token(kAlice, kind);
        EXPECT_EQ(store_->insert(token, TokenSecret()).error().code, Errc::InvalidSecret);
        const TokenSecret huge = secret_of(std::string(limits::kTokenSecretBytes + 1, 'x'));
        EXPECT_EQ(store_->insert(token, huge).error().code, Errc::InvalidSecret);
    }
    EXPECT_EQ(store_->count(kAlice).value(), 0U);
}

TEST_F(TokenWriterTest, AnEditKeepsTheSecretAndMovesTheOrigins) {
    const Token token = insert(kAlice, "imported", TokenKind::Imported);
    const Digest verifier = store_->find(token.id).value()->verifier;
    const TargetList targets = parse_targets({"https://new.example/a"}).value();
    store_
        ->update(token.id, kAlice,
                 [&](Token& edited) -> Result<void> {
                     edited.description = "renamed";
                     edited.targets = targets;
                     edited.state = TokenState::Rejected;
                     return {};
                 })
        .value();
    const StoredToken after = *store_->find(token.id).value();
    EXPECT_EQ(after.token.description, "renamed");
    EXPECT_EQ(after.token.state, TokenState::Rejected);
    EXPECT_EQ(after.verifier, verifier);
    EXPECT_EQ(text_of(open_secret(*store_, token.id).value().reveal()), "imported");
    EXPECT_EQ(find_by_origin(*store_, kAlice, targets[0].origin()).value().size(), 1U);
    for (const Target& old : token.targets)
        EXPECT_TRUE(find_by_origin(*store_, kAlice, old.origin()).value().empty());
    EXPECT_EQ(RawDatabase(path()).number("SELECT count(*) FROM target"), 1);
}

TEST_F(TokenWriterTest, AnEditThatFailsChangesNothing) {
    const Token token = insert(kAlice);
    const auto fail = [](Token& edited) -> Result<void> {
        edited.description = "half-way";
        return Errc::InvalidDescription;
    };
    EXPECT_EQ(store_->update(token.id, kAlice, fail).error().code, Errc::InvalidDescription);
    EXPECT_EQ(store_->replace_secret(token.id, kAlice, secret_of("n"), fail, kNow).error().code,
              Errc::InvalidDescription);
    EXPECT_TRUE(same(store_->find(token.id).value()->token, token));
    EXPECT_FALSE(store_->find_tombstone(digest_of("secret")).value().has_value());
}

TEST_F(TokenWriterTest, AnEditMayNotChangeWhoseTokenItIs) {
    const Token token = insert(kAlice);
    const Token other = make_token(kBob, TokenKind::Imported);
    const std::vector<TokenStore::Change> changes{
        [&](Token& edited) { return edited.owner = other.owner, Result<void>(); },
        [&](Token& edited) { return edited.id = other.id, Result<void>(); },
        [&](Token& edited) { return edited.kind = other.kind, Result<void>(); },
        [&](Token& edited) { return edited.generation = 0, Result<void>(); }};
    for (const TokenStore::Change& change : changes)
        EXPECT_EQ(store_->update(token.id, kAlice, change).error().code, Errc::Internal);
    EXPECT_TRUE(same(store_->find(token.id).value()->token, token));
}

TEST_F(TokenWriterTest, ANewSecretEndsTheOldOne) {
    for (const TokenKind kind : {TokenKind::Issued, TokenKind::Imported}) {
        const Token token = insert(kAlice, "old", kind);
        store_
            ->update(token.id, kAlice,
                     [](Token& edited) -> Result<void> {
                         edited.state = TokenState::Rejected;
                         return {};
                     })
            .value();
        store_
            ->replace_secret(
                token.id, kAlice, secret_of("new"),
                [](Token& edited) { return edited.expires = 0, Result<void>(); }, kNow)
            .value();
        const StoredToken after = *store_->find(token.id).value();
        EXPECT_EQ(after.verifier, digest_of("new"));
        EXPECT_EQ(after.token.generation, token.generation + 1);
        EXPECT_EQ(after.token.state, TokenState::Active);
        EXPECT_EQ(after.token.expires, 0);
        EXPECT_EQ(store_->find_tombstone(digest_of("old")).value()->id, token.id);
        if (kind == TokenKind::Imported) {
            EXPECT_EQ(text_of(open_secret(*store_, token.id).value().reveal()), "new");
        }
    }
}

TEST_F(TokenWriterTest, TheLastGenerationCannotBePassed) {
    Token token = make_token(kAlice);
    token.generation = std::numeric_limits<std::uint32_t>::max();
    store_->insert(token, secret_of("s")).value();
    EXPECT_EQ(store_->replace_secret(token.id, kAlice, secret_of("n"), nullptr, kNow).error().code,
              Errc::LimitExceeded);
    EXPECT_TRUE(same(store_->find(token.id).value()->token, token));
}

TEST_F(TokenWriterTest, WhatIsNotYoursIsNotThere) {
    const Token token = insert(kAlice);
    const TokenId absent = make_token(kAlice).id;
    for (const TokenId& id : {token.id, absent}) {
        EXPECT_EQ(store_->update(id, kBob, nullptr).error().code, Errc::NotFound);
        EXPECT_EQ(store_->replace_secret(id, kBob, secret_of("n"), nullptr, kNow).error().code,
                  Errc::NotFound);
        EXPECT_EQ(store_->remove(id, kBob, kNow).error().code, Errc::NotFound);
    }
    EXPECT_EQ(store_->remove_all(kBob, name_of(kBob), kNow).value(), 0U);
    EXPECT_TRUE(same(store_->find(token.id).value()->token, token));
}

TEST_F(TokenWriterTest, RemoveTakesEverythingButTheTombstone) {
    const Token token = insert(kAlice, "gone");
    const Token kept = insert(kAlice, "kept");
    store_->record_use({{token.id, LastUse{kNow, 1, "verify", ""}}}).value();
    store_->remove(token.id, kAlice, kNow).value();
    EXPECT_EQ(store_->find(token.id).value(), nullptr);
    EXPECT_TRUE(same(store_->find(kept.id).value()->token, kept));
    EXPECT_EQ(store_->remove(token.id, kAlice, kNow).error().code, Errc::NotFound);
    EXPECT_TRUE(store_->find_tombstone(digest_of("gone")).value().has_value());
    RawDatabase raw(path());
    EXPECT_EQ(raw.number("SELECT count(*) FROM last_use"), 0);
    EXPECT_EQ(raw.number("SELECT count(*) FROM target WHERE token = ?1", token_key(token.id)), 0);
}

TEST_F(TokenWriterTest, RemoveAllTakesTheOwnersTokensOnly) {
    insert(kAlice, "one");
    insert(kAlice, "two", TokenKind::Imported);
    const Token other = insert(kBob, "three");
    store_->set_locked(kAlice, true).value();
    EXPECT_EQ(store_->remove_all(kAlice, name_of(kAlice), kNow).value(), 2U);
    EXPECT_EQ(store_->count(kAlice).value(), 0U);
    EXPECT_TRUE(same(store_->find(other.id).value()->token, other));
    EXPECT_TRUE(store_->find_tombstone(digest_of("one")).value().has_value());
    EXPECT_TRUE(store_->find_tombstone(digest_of("two")).value().has_value());
    EXPECT_FALSE(store_->find_tombstone(digest_of("three")).value().has_value());
    EXPECT_TRUE(store_->is_locked(kAlice).value());
    EXPECT_EQ(store_->remove_all(kAlice, name_of(kAlice), kNow).value(), 0U);
    RawDatabase raw(path());
    EXPECT_EQ(raw.number("SELECT count(*) FROM target"), 3);
    EXPECT_EQ(raw.number("SELECT count(*) FROM target WHERE token = ?1", token_key(other.id)), 3);
}

TEST_F(TokenWriterTest, TheNewestTombstonesOfAnOwnerStay) {
    const Token first = insert(kBob, "bob's");
    store_->remove(first.id, kBob, kNow).value();
    std::size_t made = 0;
    while (made <= limits::kTombstonesPerUser) {
        std::vector<TokenStore::NewToken> tokens;
        for (std::size_t i = 0; i < limits::kTokensPerUser; ++i)
            tokens.emplace_back(make_token(kAlice), secret_of("n" + std::to_string(made++)));
        store_->insert_many(tokens).value();
        store_->remove_all(kAlice, name_of(kAlice), kNow).value();
    }
    RawDatabase raw(path());
    EXPECT_EQ(raw.number("SELECT count(*) FROM tombstone WHERE owner = 1000"),
              std::int64_t{limits::kTombstonesPerUser});
    // The thousand that died last all exist; within one call the order does not matter.
    for (std::size_t i = made - limits::kTokensPerUser; i < made; i += 111)
        EXPECT_TRUE(store_->find_tombstone(digest_of("n" + std::to_string(i))).value().has_value());
    EXPECT_FALSE(store_->find_tombstone(digest_of("n0")).value().has_value());
    EXPECT_TRUE(store_->find_tombstone(digest_of("bob's")).value().has_value());
}

// Row D19: what one caller says about itself must not cost the others theirs.
TEST_F(TokenWriterTest, AUseThatCannotBeWrittenTakesNoOtherWithIt) {
    LastUses uses;
    for (int i = 0; i < 20; ++i)
        uses[insert(kAlice, std::to_string(i)).id] = LastUse{kNow, 1, "verify", "nginx"};
    uses[insert(kBob, "long").id] = LastUse{kNow, 1, "verify", std::string(70'000, 'a')};
    EXPECT_FALSE(store_->record_use(uses));
    EXPECT_EQ(RawDatabase(path()).number("SELECT count(*) FROM last_use"), 20);
    EXPECT_EQ(list_tokens(*store_, kAlice).value().at(0).last_use.at, kNow);
}

TEST_F(TokenWriterTest, TheUseOfATokenThatIsGoneIsDropped) {
    store_->record_use({{make_token(kAlice).id, LastUse{kNow, 1, "verify", ""}}}).value();
    EXPECT_EQ(RawDatabase(path()).number("SELECT count(*) FROM last_use"), 0);
}

}  // namespace
}  // namespace patd::store::test
