// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "pam_module/token_password.h"

#include "common/token/token_string.h"
#include "tests/support/scripted_line_server.h"
#include "tests/support/temporary_directory.h"

#include <gtest/gtest.h>

#include <array>

namespace patd::pam {
namespace {

using support::ScriptedLineServer;

std::string new_token() {
    SystemRandom random;
    const TokenSecret secret =
        make_issued_secret(TokenId::generate(random).value(), random).value();
    return std::string(secret.reveal().data(), secret.size());
}

class TokenPasswordTest : public testing::Test {
  protected:
    Result<void> verify(const std::string& text) const {
        return verify_token(endpoint(), login_, use_, TokenSecret(SecretBuffer::copy_of(text)));
    }
    Endpoint endpoint() const { return {directory_.file("socket"), std::chrono::seconds(60)}; }

    support::TemporaryDirectory directory_;
    const Login login_{"alice", "imap", "192.0.2.1"};
    const TokenUse use_{Permission::parse("vcs:repository:ro").value(),
                        Origin::parse("https://git.example").value()};
    const std::string token_ = new_token();
};

// Row P4.
TEST_F(TokenPasswordTest, AsksForExactlyWhatTheServiceNeeds) {
    const ScriptedLineServer server(endpoint().path,
                                    ScriptedLineServer::reply("valid=1\nuser=alice\n\n"));
    EXPECT_TRUE(verify(token_));
    EXPECT_EQ(server.requests().at(0),
              "patd=1\nop=verify\nuser=alice\nservice=imap\nrhost=192.0.2.1\n"
              "permission=vcs:repository:ro\naudience=https://git.example\ntoken=" +
                  token_ + "\n\n");
}

// Row P2: whatever the other end says, bob's token never logs alice in.
TEST_F(TokenPasswordTest, RefusesTheTokenOfAnotherUser) {
    for (const char* user : {"bob", "Alice", "alice ", "alic", "alicea", ""}) {
        const ScriptedLineServer server(
            endpoint().path,
            ScriptedLineServer::reply(std::string("valid=1\nuser=") + user + "\n\n"));
        EXPECT_EQ(verify(token_).error().code, Errc::Rejected) << user;
        std::filesystem::remove(endpoint().path);
    }
    const ScriptedLineServer server(endpoint().path, ScriptedLineServer::reply("valid=1\n\n"));
    EXPECT_EQ(verify(token_).error().code, Errc::Rejected);
}

// Row P4: a token without the permission that the service asks for.
TEST_F(TokenPasswordTest, RefusesATokenThatLacksThePermission) {
    const ScriptedLineServer server(
        endpoint().path, ScriptedLineServer::reply("valid=0\nreason=permission\nuser=alice\n\n"));
    EXPECT_EQ(verify(token_).error().code, Errc::Rejected);
}

// Row P8: login passwords and mistyped tokens stay in this process.
TEST_F(TokenPasswordTest, SendsNothingThatIsNotShapedLikeAToken) {
    const ScriptedLineServer server(endpoint().path,
                                    ScriptedLineServer::reply("valid=1\nuser=alice\n\n"));
    SystemRandom random;
    for (int i = 0; i < 1000; ++i) {
        std::array<char, 24> password{};
        ASSERT_TRUE(random_base62(random, password));
        const Result<void> result = verify(std::string(password.data(), password.size()));
        ASSERT_FALSE(result);
        ASSERT_EQ(result.error().code, Errc::Rejected);
    }
    for (std::size_t i = 0; i < token_.size(); ++i) {
        std::string mistyped = token_;
        mistyped[i] = mistyped[i] == 'x' ? 'y' : 'x';
        ASSERT_FALSE(verify(mistyped)) << i;
        ASSERT_FALSE(verify(token_.substr(0, i))) << i;
    }
    EXPECT_FALSE(verify(token_ + "a"));
    EXPECT_TRUE(server.requests().empty());
}

// A truncated token is no typing error to an administrator: the log has its length, and none of its
// bytes.
TEST_F(TokenPasswordTest, NamesTheLengthOfATokenThatIsNotWhole) {
    const std::string child = "patc1_" + std::string(122, 'A');
    const std::pair<std::string, std::string> texts[] = {
        {token_.substr(0, 64), "64 bytes came here, a whole one has 65"},
        {token_ + "x", "66 bytes came here, a whole one has 65"},
        {"pat1_", "5 bytes came here, a whole one has 65"},
        {child.substr(0, 127), "127 bytes came here, a whole one has up to 127"},
        {child, "128 bytes came here, a whole one has up to 127"}};
    for (const auto& [text, said] : texts) {
        const Error error = verify(text).error();
        EXPECT_EQ(error.code, Errc::Rejected);
        EXPECT_EQ(error.context,
                  "a token, cut or damaged: " + said + "; see LENGTHS in pam_pat(8)");
    }
    for (const char* other : {"hunter2", "pat1", "patc1", "PAT1_x", "xpat1_", " pat1_"})
        EXPECT_EQ(verify(other).error().context, "not a token") << other;
}

}  // namespace
}  // namespace patd::pam
