// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "daemon/store/tokens/token_reader.h"

#include "common/base/limits.h"
#include "daemon/store/tokens/store_sql.h"
#include "tests/daemon/store/store_fixture.h"
#include "tests/support/read_store.h"

#include <algorithm>
#include <set>

namespace patd::store::test {
namespace {

class TokenReaderTest : public StoreTest {
  protected:
    void SetUp() override { open(); }
};

TEST_F(TokenReaderTest, ListsAnOwnersTokensOldestFirstAndNobodyElses) {
    Token late = make_token(kAlice);
    late.created = kNow + 5;
    Token early = make_token(kAlice);
    early.created = kNow - 5;
    store_->insert(late, secret_of("a")).value();
    store_->insert(early, secret_of("b")).value();
    insert(kBob);
    const std::vector<ListedToken> list = list_tokens(*store_, kAlice).value();
    ASSERT_EQ(list.size(), 2U);
    EXPECT_TRUE(same(list[0].token, early));
    EXPECT_TRUE(same(list[1].token, late));
    EXPECT_EQ(list[0].last_use.at, 0);
    EXPECT_EQ(store_->count(kAlice).value(), 2U);
}

TEST_F(TokenReaderTest, ShowsTheLastUse) {
    const Token token = insert(kAlice);
    store_->record_use({{token.id, LastUse{kNow, 5, "verify", "sshd"}}}).value();
    store_->record_use({{token.id, LastUse{kNow + 1, 4'000'000'000, "release", "https://a"}}})
        .value();
    const LastUse use = list_tokens(*store_, kAlice).value().at(0).last_use;
    EXPECT_EQ(use.at, kNow + 1);
    EXPECT_EQ(use.by, 4'000'000'000);
    EXPECT_EQ(use.how, "release");
    EXPECT_EQ(use.where, "https://a");
}

TEST_F(TokenReaderTest, FindsByOriginOnlyTheOwnersTokensForExactlyThatOrigin) {
    const Token token = insert(kAlice);
    insert(kBob);
    Token elsewhere = make_token(kAlice);
    elsewhere.targets = parse_targets({"https://git.example:8443/team"}).value();
    store_->insert(elsewhere, secret_of("s")).value();
    const Origin origin = Origin::parse("https://git.example").value();
    const std::vector<StoredToken> found = find_by_origin(*store_, kAlice, origin).value();
    ASSERT_EQ(found.size(), 1U);  // once, although two of its targets are there
    EXPECT_TRUE(same(found[0].token, token));
    for (const char* other :
         {"http://git.example", "https://git.example.evil", "https://example", "https://x.example"})
        EXPECT_TRUE(find_by_origin(*store_, kAlice, Origin::parse(other).value()).value().empty());
}

TEST_F(TokenReaderTest, FindsWhatCoversAPlaceAsItsTargetsSay) {
    const std::vector<std::string> paths = {"", "a", "a/b", "a/b/c", "ab", "a/bc", "b"};
    std::vector<Token> tokens;
    for (const std::string& path : paths) {
        tokens.push_back(make_token(kAlice));
        const std::string slash = path.empty() ? "" : "/";
        tokens.back().targets =
            parse_targets({"https://git.example" + slash + path, "https://git.example:444/a/b",
                           "https://git.example/z/y", "https://other.example"})
                .value();
        store_->insert(tokens.back(), secret_of("s")).value();
    }
    const Origin origin = Origin::parse("https://git.example").value();
    for (const std::string& path : paths) {
        std::set<TokenId> wanted;
        for (const Token& token : tokens) {
            if (std::any_of(token.targets.begin(), token.targets.end(),
                            [&](const Target& target) { return target.covers(origin, path); }))
                wanted.insert(token.id);
        }
        std::set<TokenId> found;
        for (const StoredToken& stored : find_covering(*store_, kAlice, origin, path).value())
            found.insert(stored.token.id);
        EXPECT_EQ(found, wanted) << path;
    }
    EXPECT_EQ(find_covering(*store_, kAlice, origin, "z/y").value().size(), tokens.size());
    EXPECT_EQ(find_covering(*store_, kAlice, origin, "z/yy").value().size(), 1U);
    EXPECT_TRUE(find_covering(*store_, kBob, origin, "a").value().empty());
}

// They run on the event loop, or hold up the writer and those who wait for it.
TEST_F(TokenReaderTest, CountsTokensWithoutReadingARowOfThem) {
    insert(kAlice);
    RawDatabase raw(path());
    for (const char* sql : {sql::kCountTokens, sql::kCountExpiring, sql::kListOwners}) {
        const std::string plan = raw.plan(sql);
        EXPECT_NE(plan.find("token USING COVERING INDEX token_by_owner"), std::string::npos) << sql;
        EXPECT_EQ(plan.find("TEMP"), std::string::npos) << plan;
    }
}

TEST_F(TokenReaderTest, OpensOnlyImportedSecrets) {
    const std::string longest(limits::kTokenSecretBytes, 'x');
    const Token issued = insert(kAlice, "issued");
    const Token imported = insert(kAlice, longest, TokenKind::Imported);
    EXPECT_EQ(open_secret(*store_, issued.id).error().code, Errc::NotFound);
    EXPECT_EQ(open_secret(*store_, make_token(kAlice).id).error().code, Errc::NotFound);
    EXPECT_EQ(text_of(open_secret(*store_, imported.id).value().reveal()), longest);
}

TEST_F(TokenReaderTest, DigestsAreKeyedAndStable) {
    const Digest digest = store_->digest(buffer_of("secret").reveal()).value();
    EXPECT_EQ(store_->digest(buffer_of("secret").reveal()).value(), digest);
    EXPECT_NE(store_->digest(buffer_of("Secret").reveal()).value(), digest);
    open();
    EXPECT_EQ(store_->digest(buffer_of("secret").reveal()).value(), digest);
    const support::TemporaryDirectory other;
    const std::unique_ptr<TokenStore> second =
        open_store({other.path(), true}, master_key('x'), random_).value();
    EXPECT_NE(second->digest(buffer_of("secret").reveal()).value(), digest);
}

// What a restore into a new store needs.
TEST_F(TokenReaderTest, ANewStoreUnderTheSameMasterKeyMakesTheSameDigests) {
    const Digest digest = store_->digest(buffer_of("secret").reveal()).value();
    const support::TemporaryDirectory other;
    const std::unique_ptr<TokenStore> second =
        open_store({other.path(), true}, master_key(), random_).value();
    EXPECT_EQ(second->digest(buffer_of("secret").reveal()).value(), digest);
}

TEST_F(TokenReaderTest, ChildMacsDependOnParentGenerationAndBody) {
    const TokenId parent = make_token(kAlice).id;
    const TokenId other = make_token(kAlice).id;
    const SecretBuffer body = buffer_of("body");
    const Digest mac = store_->child_mac(parent, 1, body.reveal()).value();
    EXPECT_EQ(store_->child_mac(parent, 1, body.reveal()).value(), mac);
    EXPECT_NE(store_->child_mac(other, 1, body.reveal()).value(), mac);
    EXPECT_NE(store_->child_mac(parent, 2, body.reveal()).value(), mac);
    EXPECT_NE(store_->child_mac(parent, 256, body.reveal()).value(), mac);
    EXPECT_NE(store_->child_mac(parent, 1, buffer_of("Body").reveal()).value(), mac);
    EXPECT_NE(store_->digest(body.reveal()).value(), mac);
    open();
    EXPECT_EQ(store_->child_mac(parent, 1, body.reveal()).value(), mac);
}

TEST_F(TokenReaderTest, AChildMacMayBeCutToHalfAndNoFurther) {
    const TokenId parent = make_token(kAlice).id;
    const SecretBuffer body = buffer_of("body");
    const Digest mac = store_->child_mac(parent, 1, body.reveal()).value();
    const std::string whole(mac.begin(), mac.end());
    const auto is_mac = [&](const std::string& text) {
        return store_->is_child_mac({parent, 1, body.reveal()}, text).value();
    };
    for (std::size_t size = 0; size <= whole.size(); ++size)
        EXPECT_EQ(is_mac(whole.substr(0, size)), size >= kChildMacBytes) << size;
    EXPECT_FALSE(is_mac(whole + "x"));
    for (std::size_t bit = 0; bit < 8 * kChildMacBytes; ++bit) {
        std::string changed = whole.substr(0, kChildMacBytes);
        changed[bit / 8] = static_cast<char>(changed[bit / 8] ^ (1 << (bit % 8)));
        EXPECT_FALSE(is_mac(changed)) << bit;
    }
}

TEST_F(TokenReaderTest, FindsATombstoneByTheDeadSecretsDigest) {
    const Token token = insert(kAlice, "dead");
    const Digest digest = store_->digest(buffer_of("dead").reveal()).value();
    EXPECT_FALSE(store_->find_tombstone(digest).value().has_value());
    store_->remove(token.id, kAlice, kNow + 7).value();
    const Tombstone tombstone = store_->find_tombstone(digest).value().value();
    EXPECT_EQ(tombstone.id, token.id);
    EXPECT_EQ(tombstone.owner, kAlice);
    EXPECT_EQ(tombstone.died, kNow + 7);
}

TEST_F(TokenReaderTest, ReadsTheLockOfAnOwnerWithAndWithoutTokens) {
    EXPECT_FALSE(store_->is_locked(kAlice).value());
    store_->set_locked(kAlice, true).value();
    EXPECT_TRUE(store_->is_locked(kAlice).value());
    EXPECT_FALSE(store_->is_locked(kBob).value());
    insert(kAlice);
    EXPECT_TRUE(store_->is_locked(kAlice).value());
    open();
    EXPECT_TRUE(store_->is_locked(kAlice).value());
    store_->set_locked(kAlice, false).value();
    EXPECT_FALSE(store_->is_locked(kAlice).value());
}

}  // namespace
}  // namespace patd::store::test
