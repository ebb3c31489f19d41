// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "cli/command/token_name.h"

#include "tests/cli/support.h"

#include <gtest/gtest.h>

namespace patd::cli {
namespace {

using Texts = std::vector<std::string>;

client::Dictionary token_of(const std::string& id, const std::string& description) {
    client::Dictionary token = some_token();
    token.set("id", id);
    token.set("description", description);
    return token;
}

const std::vector<client::Dictionary>& some_tokens() {
    static const std::vector<client::Dictionary> tokens = {
        token_of("AbCdE01234", "laptop"), token_of("AbXyZ01234", "work forge"),
        token_of("laptopABCD", "ci"), token_of("ZZZZZZZZZZ", "ci"),
        token_of("YYYYYYYYYY", "production")};
    return tokens;
}

std::string found(const std::string& name) {
    const Result<client::Dictionary> token = find_named(some_tokens(), name);
    return token ? token->text("id") : token.error().context;
}

TEST(TokenName, IsAnIdABeginningOfOneOrADescription) {
    EXPECT_EQ(found("AbCdE01234"), "AbCdE01234");
    EXPECT_EQ(found("AbC"), "AbCdE01234");
    EXPECT_EQ(found("work forge"), "AbXyZ01234");
    EXPECT_EQ(found("Z"), "ZZZZZZZZZZ");
    // It looks like an id, and is none.
    EXPECT_EQ(found("production"), "YYYYYYYYYY");
}

TEST(TokenName, IsNeverGuessed) {
    EXPECT_EQ(found("Ab"),
              "'Ab' may be one of 2 tokens: 'laptop' (AbCdE01234); 'work forge' (AbXyZ01234); name "
              "it by its id");
    EXPECT_EQ(found("ci"),
              "'ci' may be one of 2 tokens: 'ci' (laptopABCD); 'ci' (ZZZZZZZZZZ); name "
              "it by its id");
    // The description of one, the beginning of another.
    EXPECT_NE(found("laptop").find("may be one of 2"), std::string::npos) << found("laptop");
    for (const char* name : {"", "abc", "Laptop", "AbCdE012345", "work", "A\nb"})
        EXPECT_EQ(find_named(some_tokens(), name).error().code, Errc::NotFound) << name;
    EXPECT_NE(found("labtop").find("did you mean 'laptop'?"), std::string::npos) << found("labtop");
    EXPECT_EQ(found("A\nb").find('\n'), std::string::npos);
}

TEST(TokenName, ThatIsASecretIsNotRepeated) {
    const std::string secret = "ghp_0123456789abcdefABCDEF0123456789abcd";
    for (const Texts& arguments :
         {Texts{"show", secret}, Texts{"delete", secret, "--password-fd", "0"},
          Texts{"audit", "--token", secret}}) {
        const Ran ran = Patctl({.tokens = {some_token()}}).run(arguments);
        EXPECT_EQ(ran.code, ExitCode::NotFound) << arguments[0];
        EXPECT_EQ(ran.err.find(secret), std::string::npos) << ran.err;
        EXPECT_NE(ran.err.find("(what looks like a token)"), std::string::npos) << ran.err;
    }
    // Of two that have it as their description.
    const std::vector<client::Dictionary> tokens = {token_of("AbCdE01234", secret),
                                                    token_of("AbXyZ01234", secret)};
    const std::string text = find_named(tokens, secret).error().context;
    EXPECT_TRUE(text.starts_with("'(what looks like a token)' may be one of 2")) << text;
}

TEST(TokenName, IsTakenByEveryCommandThatTakesAToken) {
    const std::string fd = std::to_string(STDIN_FILENO);
    const Texts rows[] = {{"show", "laptop"},
                          {"edit", "laptop", "-d", "x", "--password-fd", fd},
                          {"regenerate", "AbC", "--password-fd", fd, "--output-fd", "1"},
                          {"delete", "laptop", "--password-fd", fd},
                          {"unlock", "laptop", "--password-fd", fd}};
    for (const Texts& arguments : rows) {
        Patctl patctl({.tokens = {token_of("ZZZZZZZZZZ", "ci"), some_token()}});
        const Ran ran = patctl.run(arguments);
        EXPECT_EQ(ran.code, arguments[0] == "regenerate" ? ran.code : ExitCode::Success)
            << arguments[0] << ran.err;
        const std::vector<client::Call> calls = patctl.service.calls();
        bool named = false;
        for (const client::Call& call : calls)
            named = named || call.path.ends_with(kSomeId) || call.options.text("token") == kSomeId;
        EXPECT_TRUE(named) << arguments[0] << ran.err;
        Patctl other({.tokens = {token_of("ZZZZZZZZZZ", "ci"), some_token()}});
        Texts unknown = arguments;
        unknown[1] = "nothing";
        EXPECT_EQ(other.run(unknown).code, ExitCode::NotFound) << arguments[0];
    }
}

}  // namespace
}  // namespace patd::cli
