// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "daemon/store/tokens/sealed_record.h"

#include "common/base/limits.h"
#include "daemon/store/database/schema.h"
#include "daemon/store/tokens/store_schema.h"
#include "daemon/store/tokens/store_sql.h"
#include "tests/daemon/store/store_fixture.h"

namespace patd::store::test {
namespace {

class SealedRecordTest : public ::testing::Test {
  protected:
    void write(const Token& token, std::string_view secret) {
        record_.fill(token, digest_, secret_of(secret)).value();
        record_.write(connection_, sql::kInsertToken, token, random_).value();
    }
    Result<std::optional<Token>> open(const Token& token) {
        return record_.open(connection_, token_key(token.id));
    }

    support::TemporaryDirectory directory_;
    StateDirectory state_ = StateDirectory::open(directory_.path()).value();
    Connection connection_ =
        open_database(state_, sql::store_schema(), {"store.db", true, nullptr}).value();
    SecretBuffer key_ = buffer_of(std::string(32, 'k'));
    SealedRecord record_{Sealer::create(bytes_of(key_.reveal())).value()};
    SystemRandom random_;
    const Digest digest_{1, 2, 3};
};

TEST_F(SealedRecordTest, OpensWhatItWrote) {
    const Token issued = make_token(kAlice);
    const Token imported = make_token(kAlice, TokenKind::Imported);
    const std::string longest(limits::kTokenSecretBytes, 'x');
    write(issued, "issued secret");
    write(imported, longest);
    EXPECT_TRUE(same(open(issued).value().value(), issued));
    EXPECT_EQ(record_.verifier(), digest_);
    EXPECT_TRUE(record_.secret().empty());
    EXPECT_TRUE(same(open(imported).value().value(), imported));
    EXPECT_EQ(record_.verifier(), digest_);
    EXPECT_EQ(text_of(record_.secret()), longest);
    EXPECT_FALSE(open(make_token(kAlice)).value().has_value());
    EXPECT_TRUE(record_.contents().empty());
}

TEST_F(SealedRecordTest, WipesWhatItOpenedAtTheEndOfAClosing) {
    const Token token = make_token(kAlice, TokenKind::Imported);
    write(token, "secret");
    {
        const SealedRecord::Closing closing(record_);
        ASSERT_TRUE(open(token).value().has_value());
        EXPECT_FALSE(record_.contents().empty());
    }
    EXPECT_TRUE(record_.contents().empty());
    EXPECT_TRUE(record_.secret().empty());
}

TEST_F(SealedRecordTest, NamesTheRecordThatIsDamagedAndHoldsNothingOfIt) {
    const Token token = make_token(kAlice, TokenKind::Imported);
    write(token, "secret");
    connection_.execute("UPDATE token SET expires = expires + 1").value();
    const Result<std::optional<Token>> opened = open(token);
    EXPECT_EQ(opened.error().code, Errc::Corrupt);
    EXPECT_NE(opened.error().context.find(token.id.text()), std::string::npos);
    EXPECT_TRUE(record_.contents().empty());
}

// A correct seal over what its kind cannot hold.
TEST_F(SealedRecordTest, RefusesContentsOfTheWrongSize) {
    for (const TokenKind kind : {TokenKind::Issued, TokenKind::Imported}) {
        const TokenKind other = kind == TokenKind::Issued ? TokenKind::Imported : TokenKind::Issued;
        const Token token = make_token(kAlice, kind);
        record_.fill(make_token(kAlice, other), digest_, secret_of("secret")).value();
        record_.write(connection_, sql::kInsertToken, token, random_).value();
        EXPECT_EQ(open(token).error().code, Errc::Corrupt);
    }
}

TEST_F(SealedRecordTest, TakesNoSecretThatIsEmptyOrTooLong) {
    const std::string huge(limits::kTokenSecretBytes + 1, 'x');
    for (const TokenKind kind : {TokenKind::Issued, TokenKind::Imported}) {
        EXPECT_EQ(record_.fill(make_token(kAlice, kind), digest_, TokenSecret()).error().code,
                  Errc::InvalidSecret);
        EXPECT_EQ(record_.fill(make_token(kAlice, kind), digest_, secret_of(huge)).error().code,
                  Errc::InvalidSecret);
    }
}

TEST_F(SealedRecordTest, KeepsARefreshTokenBehindTheSecretOfAnImportedToken) {
    Token token = make_token(kAlice, TokenKind::Imported);
    const TokenSecret secret = secret_of(std::string(limits::kTokenSecretBytes, 's'));
    const RefreshToken refresh(buffer_of(std::string(limits::kRefreshTokenBytes, 'r')));
    record_.fill(token, digest_, {secret, refresh}).value();
    token.refresh_bytes = limits::kRefreshTokenBytes;
    record_.write(connection_, sql::kInsertToken, token, random_).value();
    EXPECT_TRUE(same(open(token).value().value(), token));
    EXPECT_EQ(record_.secret().size(), limits::kTokenSecretBytes + limits::kRefreshTokenBytes);
    const RefreshToken huge(buffer_of(std::string(limits::kRefreshTokenBytes + 1, 'r')));
    EXPECT_EQ(record_.fill(token, digest_, {secret, huge}).error().code, Errc::InvalidSecret);
}

TEST_F(SealedRecordTest, KeepsAnEmptySecretOnlyOfWhatGitStored) {
    Token token = make_token(kAlice, TokenKind::Imported);
    EXPECT_EQ(record_.fill(token, digest_, TokenSecret()).error().code, Errc::InvalidSecret);
    token.provenance = Provenance::GitStore;
    record_.fill(token, digest_, TokenSecret()).value();
    record_.write(connection_, sql::kInsertToken, token, random_).value();
    EXPECT_TRUE(same(open(token).value().value(), token));
    EXPECT_TRUE(record_.secret().empty());
}

// Row S16.
TEST_F(SealedRecordTest, S16_NeverHoldsAnIssuedSecret) {
    record_.fill(make_token(kAlice), digest_, secret_of("an issued secret")).value();
    EXPECT_EQ(record_.contents().size(), digest_.size());
}

}  // namespace
}  // namespace patd::store::test
