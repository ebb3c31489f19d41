// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "http/credentials.h"

#include "common/token/base64url.h"
#include "tests/http/web_fixture.h"

namespace patd::web {
namespace {

class CredentialsTest : public ::testing::Test {
  protected:
    std::optional<Credentials> read(const std::string& field) {
        room_.wipe();
        field_ = field;
        return read_credentials(field_, room_).value();
    }
    std::string basic(const std::string& pair) {
        SecretBuffer text(8192);
        append_base64(text, pair).value();
        return "Basic " + std::string(text.reveal().data(), text.size());
    }

    const std::string token_ = make_token_text();
    std::string field_;
    SecretBuffer room_{8192};
};

TEST_F(CredentialsTest, ReadsBothSchemesInAnyCase) {
    for (const std::string& field : {"Bearer " + token_, "bEARER   " + token_}) {
        ASSERT_TRUE(read(field)) << field;
        EXPECT_EQ(read(field)->secret, token_);
        EXPECT_EQ(read(field)->user, "");
    }
    for (const std::string user : {"", "alice", "alice b", "\xc3\xa9lise"}) {
        const std::optional<Credentials> found = read(basic(user + ":" + token_));
        ASSERT_TRUE(found) << user;
        EXPECT_EQ(found->user, user);
        EXPECT_EQ(found->secret, token_);
    }
}

// A login password, for one, goes no further.
TEST_F(CredentialsTest, FindsNothingThatCouldNotBeAToken) {
    for (const std::string& field :
         {std::string(), std::string("Basic"), std::string("Bearer"), std::string("Bearer "),
          std::string("Bearer hunter2"), token_, "Token " + token_, "Bearer " + token_ + " ",
          "Bearer " + token_ + "," + token_, "Bearer" + token_, basic("alice:hunter2"),
          basic(token_), basic("alice:" + token_ + "\n"), basic("al\nice:" + token_),
          basic(std::string(257, 'a') + ":" + token_),
          basic("alice:" + std::string(9000, 'a')).substr(0, 8000)})
        EXPECT_FALSE(read(field)) << field;
}

TEST_F(CredentialsTest, TakesOneSpellingOfBase64) {
    const std::string good = basic("ab:" + token_);
    ASSERT_TRUE(read(good));
    for (std::size_t cut = 1; cut < 5; ++cut)
        EXPECT_FALSE(read(good.substr(0, good.size() - cut))) << cut;
    for (const char* more : {"=", "====", " ", "A", "AAA=", "\n"})
        EXPECT_FALSE(read(good + more)) << more;
    std::string other = good;
    other.replace(8, 1, "-");
    EXPECT_FALSE(read(other));
}

TEST_F(CredentialsTest, TheLastDigitHasNoBitsToSpare) {
    std::string padded = basic("a:" + token_);
    if (!padded.ends_with('='))
        padded = basic("ab:" + token_);
    ASSERT_TRUE(padded.ends_with('='));
    ASSERT_TRUE(read(padded));
    const std::size_t last = padded.find('=') - 1;
    ++padded[last];
    EXPECT_FALSE(read(padded));
}

}  // namespace
}  // namespace patd::web
