// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "daemon/line/line_verify.h"

#include "tests/support/service_fixture.h"

namespace patd {
namespace {

using support::kAlice;

class LineVerifyTest : public ::testing::Test {
  protected:
    // What `tokens` yields, with a comma after each, or the error's name.
    std::string tokens_of(const std::string& request) {
        std::size_t consumed = 0;
        const auto message = line::LineMessage::parse(request, true, consumed).value().value();
        const Result<SecretList> list = read_tokens(message);
        if (!list)
            return std::string(errc_name(list.error().code));
        std::string text;
        for (const std::string_view secret : list->all())
            text.append(secret).append(",");
        return text;
    }
    std::string result_of(const Result<Verification>& verification) {
        SecretBuffer reply(limits::kLineReplyBytes);
        write_result(reply, verification).value();
        return {reply.reveal().data(), reply.size()};
    }
    std::string reply_of(const Verification& verification) {
        SecretBuffer reply(limits::kLineReplyBytes);
        write_verification(reply, verification).value();
        return {reply.reveal().data(), reply.size()};
    }
};

std::string many(std::size_t count) {
    std::string text = "tokens=a";
    for (std::size_t i = 1; i < count; ++i)
        text += " a";
    return text;
}

TEST_F(LineVerifyTest, TakesSecretsWithOneSpaceBetween) {
    EXPECT_EQ(tokens_of("tokens=one"), "one,");
    EXPECT_EQ(tokens_of("tokens=one two three"), "one,two,three,");
}

TEST_F(LineVerifyTest, RefusesEmptySecrets) {
    for (const char* text : {"tokens=", "tokens= one", "tokens=one ", "tokens=one  two"})
        EXPECT_EQ(tokens_of(text), "MalformedRequest") << text;
}

TEST_F(LineVerifyTest, RefusesOneAndManyAtOnce) {
    EXPECT_EQ(tokens_of("token=one\ntokens=two"), "MalformedRequest");
}

TEST_F(LineVerifyTest, TakesAsManyAsAReplyHasRoomFor) {
    EXPECT_EQ(tokens_of(many(limits::kVerifySecrets)).size(), 2 * limits::kVerifySecrets);
    EXPECT_EQ(tokens_of(many(limits::kVerifySecrets + 1)), "LimitExceeded");
}

TEST_F(LineVerifyTest, SaysWhyASecretIsNotValid) {
    EXPECT_EQ(result_of(Verification{std::nullopt, VerifyFailure::Expired}),
              "result[]=invalid expired\n");
    EXPECT_EQ(result_of(Error{Errc::Corrupt, "bytes of a peer"}), "result[]=error Corrupt\n");
}

// For introspection; a child does not say when it was made.
TEST_F(LineVerifyTest, SaysWhenAnIssuedTokenWasMade) {
    const Token token = support::make_token(kAlice, TokenKind::Issued);
    const auto record = std::make_shared<const store::StoredToken>(store::StoredToken{token, {}});
    const std::string created = "\ncreated=" + std::to_string(token.created) + "\n";
    EXPECT_NE(reply_of(Verification{Verified{record}}).find(created), std::string::npos);
    const Target target = Target::parse("https://git.example").value();
    const ChildClaims claims{token.id,          1,      support::kNow,
                             token.permissions, target, target.origin()};
    const Verification child{Verified{record, std::make_unique<const ChildClaims>(claims)}};
    EXPECT_EQ(reply_of(child).find("created="), std::string::npos);
}

TEST_F(LineVerifyTest, TheLongestResultIsWithinItsBound) {
    Token token = support::make_token(kAlice, TokenKind::Issued);
    token.owner = Uid(4'294'967'294);
    token.expires = 253'402'300'799;  // the last second of the year 9999
    const std::string id = token.id.text();
    const auto record = std::make_shared<const store::StoredToken>(store::StoredToken{token, {}});
    const std::string result = result_of(Verification{Verified{record}});
    EXPECT_EQ(result, "result[]=valid " + id + " issued 4294967294 253402300799\n");
    EXPECT_LE(result.size(), kResultBytes + std::string_view("result[]=\n").size());
}

}  // namespace
}  // namespace patd
