// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors

#include "tests/credential_helper/adapters/conversation.h"

#include <gtest/gtest.h>

#include <string>

namespace patd::credential_helper {
namespace {

std::string cargo_request(const std::string& what, const std::string& args = "") {
    return R"({"v":1,"registry":{"index-url":"sparse+http://h/i/","name":"priv",)"
           R"("headers":["Server: x","WWW-Authenticate: y"]},)" +
           what + args + "}\n";
}

TEST(Cargo, AsksForTheIndexOfARegistry) {
    const std::string read = R"("kind":"get","operation":"read")";
    const std::string publish =
        R"("kind":"get","operation":"publish","name":"x","vers":"1.0.0","cksum":"ab")";
    const std::string args =
        R"(,"args":["--permission","artifact:version:ro","--write-permission",)"
        R"("artifact:version:rw","--ttl","5m"])";
    const auto asks = [](const std::string& input) {
        return Conversation(kCargo, {"--cargo-plugin"}, input).asks();
    };
    // What reads cannot publish, whatever the token is; what writes can do that alone.
    EXPECT_EQ(asks(cargo_request(read)),
              "patd=1\nop=get\naccess=ro\nurl=http://h/i/\n" + kAbilities + "tool=cargo\n\n");
    for (const char* writes : {"publish", "yank", "unyank", "owners", "something-new"})
        EXPECT_EQ(asks(cargo_request(R"("kind":"get","operation":")" + std::string(writes) + "\"")),
                  "patd=1\nop=get\nat-most=artifact:version:rw\nurl=http://h/i/\n" + kAbilities +
                      "tool=cargo\n\n");
    EXPECT_EQ(asks(cargo_request(R"("kind":"get")")), "MalformedRequest");
    EXPECT_EQ(asks(cargo_request(read, args)),
              "patd=1\nop=get\npermission=artifact:version:ro\nttl=300\nurl=http://h/i/\n" +
                  kAbilities + "tool=cargo\n\n");
    EXPECT_EQ(asks(cargo_request(publish, args)),
              "patd=1\nop=get\npermission=artifact:version:rw\nttl=300\nurl=http://h/i/\n" +
                  kAbilities + "tool=cargo\n\n");
    EXPECT_EQ(asks(cargo_request(R"("kind":"login","token":"t","login-url":"http://h/me")")),
              "patd=1\nop=store\nurl=http://h/i/\nusername=cargo\npassword=t\ntool=cargo\n\n");
    EXPECT_EQ(asks(cargo_request(R"("kind":"logout")")),
              "patd=1\nop=erase\nurl=http://h/i/\nusername=cargo\ntool=cargo\n\n");
    EXPECT_EQ(asks(cargo_request(R"("kind":"login")")),
              "{\"Err\":{\"kind\":\"operation-not-supported\"}}\n");
    EXPECT_EQ(asks(cargo_request(R"("kind":"else")")),
              "{\"Err\":{\"kind\":\"operation-not-supported\"}}\n");
    for (const char* url : {"ssh://git@h/i", "file:///i", "sparse+ftp://h/", ""})
        EXPECT_EQ(asks(R"({"v":1,"kind":"get","operation":"read","registry":{"index-url":")" +
                       std::string(url) + "\"}}"),
                  "{\"Err\":{\"kind\":\"url-not-supported\"}}\n")
            << url;
    EXPECT_NE(asks(cargo_request(read, R"(,"args":["--flag"])")).find("unknown option"),
              std::string::npos);
    for (const std::string& bad :
         {std::string("\n"), std::string("{}"), cargo_request(read).substr(0, 60),
          std::string(R"({"v":2,"kind":"get","registry":{"index-url":"https://h"}})"),
          std::string(R"({"v":"1","kind":"get","registry":{"index-url":"https://h"}})")})
        EXPECT_EQ(asks(bad), "MalformedRequest") << bad;
}

TEST(Cargo, AnswersWithTheValueOfTheHeaderForOneOperation) {
    const Conversation get(kCargo, {"--cargo-plugin"},
                           cargo_request(R"("kind":"get","operation":"read")"));
    EXPECT_EQ(get.hears(kHeader),
              "{\"Ok\":{\"kind\":\"get\",\"token\":\"not-a-real-secret\",\"cache\":\"session\","
              "\"operation_independent\":false}}\n");
    EXPECT_EQ(get.hears(kHeader + "password_expiry_utc=1893456000\n"),
              "{\"Ok\":{\"kind\":\"get\",\"token\":\"not-a-real-secret\",\"cache\":\"expires\","
              "\"expiration\":1893456000,\"operation_independent\":false}}\n");
    EXPECT_EQ(get.hears(kBearer),
              "{\"Ok\":{\"kind\":\"get\",\"token\":\"Bearer not-a-real-secret\","
              "\"cache\":\"session\",\"operation_independent\":false}}\n");
    SecretBuffer out(256);
    ASSERT_TRUE(kCargo.write_refusal("It is \"locked\".", out));
    EXPECT_EQ(Conversation::text_of(out),
              "{\"Err\":{\"kind\":\"other\",\"message\":\"It is \\\"locked\\\".\"}}\n");
}

}  // namespace
}  // namespace patd::credential_helper
